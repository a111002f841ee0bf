// The walk of one sign-in: who are you, then the second factor. Works with plain forms and links alone.

import { accountPage, secondFactorPage } from './pages.mjs';
import { ISSUERS, MFA, STEPUP, stepUpAsked } from './provider.mjs';

/** The security code that is right here, and that the page has filled in already. */
export const CODE = '246810';

/** A Koa middleware for /interaction/<uid>, …/account, …/code and …/cancel. */
export function interactions(provider, issuer, accounts) {
  const title = ISSUERS[issuer];
  return async function walk(ctx, next) {
    const match = /^\/interaction\/([\w-]+)(?:\/(account|code|cancel))?$/.exec(ctx.path);
    if (!match) return next();
    const [, uid, step] = match;
    const details = await provider.interactionDetails(ctx.req, ctx.res); // throws SessionNotFound, shown by the caller
    const base = `/interaction/${uid}`;
    const stepUp = stepUpAsked(details.params);
    const client = await provider.Client.find(details.params.client_id);
    const showAccounts = (error) => {
      ctx.body = accountPage({ title, accounts, error, action: `${base}/account`, cancel: `${base}/cancel`, clientName: client.clientName });
    };
    const showSecondFactor = (person, error) => {
      ctx.body = secondFactorPage({
        title, person, stepUp, error, code: CODE, action: `${base}/code`, cancel: `${base}/cancel`, choose: `${base}?choose=1`,
      });
    };

    if (ctx.method === 'GET' && !step) {
      if ('choose' in ctx.query) return showAccounts();
      const asked = ctx.query.account ?? details.params.login_hint;
      // Someone already signed in here, who is only asked again, starts at the second factor.
      const person = accounts.hinted(asked) ?? accounts.bySub.get(details.session?.accountId);
      return person ? showSecondFactor(person) : showAccounts();
    }
    if (ctx.method !== 'POST') { ctx.status = 405; return undefined; }
    if (step === 'cancel') return finish(ctx, { error: 'access_denied', error_description: 'the person cancelled the sign-in' });
    const form = await readForm(ctx.req);
    const person = accounts.byKey.get(form.get('account') ?? '');
    if (!person) { ctx.status = 400; return showAccounts('There is no such account here.'); }
    if (step === 'account') {
      ctx.status = 303;
      ctx.set('Location', `${base}?account=${encodeURIComponent(person.key)}`);
      return undefined;
    }
    if (form.get('code') !== CODE) { ctx.status = 400; return showSecondFactor(person, 'That code is not right. Look at your authenticator again.'); }
    await leave(details, person);
    return finish(ctx, { login: { accountId: person.sub, acr: stepUp ? STEPUP : MFA, amr: ['pwd', 'otp'] } });
  };

  async function finish(ctx, result) {
    const to = await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
    ctx.status = 303;
    ctx.set('Location', to);
  }

  // Someone else takes over this browser's session: the person before leaves it, with every grant they had. Without this the
  // library answers with a page that only goes on by script.
  async function leave(details, person) {
    if (!details.session?.uid || details.session.accountId === person.sub) return;
    const session = await provider.Session.findByUid(details.session.uid);
    session.accountId = person.sub;
    session.authorizations = {};
    await session.persist();
    details.session.accountId = person.sub;
    await details.persist();
  }
}

async function readForm(req) {
  const chunks = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size > 16384) throw Object.assign(new Error('the form is too long'), { status: 413, expose: true });
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
