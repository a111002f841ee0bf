// Who holds which post: the fold of the standing facts, and what is asked of
// it.
import type { Post, PostFacts } from "../protocol/escalation";
import { postNames } from "../protocol/escalation";
import type { Facts, Instant, KnownEntry, Tier } from "../protocol/types";
import { shown } from "./members";

type PostEntry = Exclude<Extract<KnownEntry, { kind: `post.${string}` }>, { kind: "post.reasoned" }>;

/** The tenures after one more entry. */
export function foldPosts(posts: readonly PostFacts[], e: PostEntry): readonly PostFacts[] {
  const at = shown(e.times);
  const end = (which: (p: PostFacts) => boolean) => posts.map((p) => (p.until === null && which(p) ? { ...p, until: at } : p));
  switch (e.kind) {
    case "post.assigned": {
      const { post, member, deputy } = e.body;
      return [...end((p) => p.post === post && p.from === null), { assigned: at, assumed: false, deputy: deputy ?? 0, from: null, member, post, root: e.root, until: null }];
    }
    case "post.assumed": {
      const { post } = e.body;
      return [...end((p) => p.post === post), { assigned: at, assumed: true, deputy: 0, from: at, member: e.by.member ?? 0, post, root: e.root, until: null }];
    }
    case "post.acknowledged": {
      const mine = posts.find((p) => p.root === e.root);
      if (!mine) return posts;
      return end((p) => p.post === mine.post && p.root !== mine.root && p.from !== null).map((p) => (p.root === mine.root ? { ...p, from: at } : p));
    }
    case "post.released":
      return end((p) => p.root === e.root);
  }
}

/** Who holds the post now. */
export const holderOf = (facts: Facts, post: Post): PostFacts | undefined => facts.posts.find((p) => p.post === post && p.until === null && p.from !== null);
/** Who was given it and has not acknowledged it yet. */
export const waitingFor = (facts: Facts, post: Post): PostFacts | undefined => facts.posts.find((p) => p.post === post && p.until === null && p.from === null);

/** Who held the post at a moment: who was lead at 02:14. */
export function heldAt(facts: Facts, post: Post, at: Instant): PostFacts | undefined {
  return facts.posts.findLast((p) => p.post === post && p.from !== null && p.from <= at && (p.until === null || at < p.until));
}

export const posts = postNames;

/** The level of command a post is at. */
export function tierOfPost(p: Post): Tier {
  if (p === "strategic_commander") return "strategic";
  return p === "incident_lead" || p === "tactical_commander" ? "tactical" : "operational";
}
