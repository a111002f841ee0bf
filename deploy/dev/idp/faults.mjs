// Ways in which this issuer can be made to lie, so that tests can watch the service refuse. Off unless started with --allow-faults.
//
// GET  /__faults                         {available: [{name, where, during, expect, effect}], active: [name]}
// POST /__faults {"faults": [name, …]}   makes exactly these active, until the next POST; [] makes the issuer honest again
//
// where   what is defective: id_token, token, authorization, request, discovery or jwks
// during  any (every sign-in shows it) or step-up (only a request with acr_values, max_age or prompt shows it)
// expect  what a careful relying party does: refuse, accept, or judge (its own rule decides)

import {
  createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign,
} from 'node:crypto';
import { kidOf, MFA, STEPUP, stepUpAsked } from './provider.mjs';

const now = () => Math.floor(Date.now() / 1000);
const b64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** changed makes a token with other claims, properly signed: only the reading of the claims can catch it. */
const changed = (change) => (t) => { change(t.payload, t); return t.signed(); };

const ID_TOKEN = {
  'acr-weaker': ['any', 'refuse', 'acr is one class weaker than asked: mfa where step-up was asked, a password alone otherwise', changed((p, t) => { p.acr = stepUpAsked(t.params) ? MFA : 'urn:wardroom:acr:password'; })],
  'acr-missing': ['any', 'refuse', 'there is no acr', changed((p) => { delete p.acr; })],
  'acr-array': ['any', 'refuse', 'acr is an array that contains the right value', changed((p) => { p.acr = [MFA, STEPUP]; })],
  'auth-time-stale': ['step-up', 'refuse', 'auth_time is an hour ago', changed((p) => { p.auth_time = now() - 3600; })],
  'auth-time-missing': ['step-up', 'refuse', 'there is no auth_time', changed((p) => { delete p.auth_time; })],
  'auth-time-future': ['step-up', 'refuse', 'auth_time is an hour ahead', changed((p) => { p.auth_time = now() + 3600; })],
  'nonce-missing': ['any', 'refuse', 'there is no nonce', changed((p) => { delete p.nonce; })],
  'nonce-wrong': ['any', 'refuse', 'nonce is not the one that was sent', changed((p) => { p.nonce = 'not-the-nonce-that-was-sent'; })],
  'aud-wrong': ['any', 'refuse', 'aud is another client', changed((p) => { p.aud = 'another-client'; })],
  'aud-missing': ['any', 'refuse', 'there is no aud', changed((p) => { delete p.aud; })],
  'aud-azp-other': ['any', 'refuse', 'aud names us and another client, azp the other one', changed((p) => { p.aud = [p.aud, 'another-client']; p.azp = 'another-client'; })],
  'iss-wrong': ['any', 'refuse', 'iss is another issuer', changed((p) => { p.iss = 'http://127.0.0.1:9/another-issuer'; })],
  'iss-missing': ['any', 'refuse', 'there is no iss', changed((p) => { delete p.iss; })],
  'exp-past': ['any', 'refuse', 'the token expired ten minutes ago', changed((p) => { p.iat = now() - 1200; p.exp = now() - 600; })],
  'exp-missing': ['any', 'refuse', 'there is no exp', changed((p) => { delete p.exp; })],
  'nbf-future': ['any', 'refuse', 'the token is not valid for another hour', changed((p) => { p.nbf = now() + 3600; })],
  'sub-missing': ['any', 'refuse', 'there is no sub', changed((p) => { delete p.sub; })],
  'sub-empty': ['any', 'refuse', 'sub is the empty string', changed((p) => { p.sub = ''; })],
  'sub-other': ['step-up', 'refuse', 'sub is another person of this issuer', changed((p, t) => { p.sub = t.accounts.otherThan(p.sub).sub; })],
  'email-unverified': ['any', 'judge', 'email_verified is false', changed((p) => { p.email_verified = false; })],
  'email-verified-string': ['any', 'judge', 'email_verified is the string "true"', changed((p) => { p.email_verified = 'true'; })],
  'email-missing': ['any', 'judge', 'there is no email', changed((p) => { delete p.email; delete p.email_verified; })],
  'email-other': ['any', 'judge', 'email is another person\'s, and vouched for', changed((p, t) => { p.email = t.accounts.otherThan(p.sub).email; p.email_verified = true; })],
  'alg-none': ['any', 'refuse', 'alg is none and there is no signature', (t) => `${b64({ alg: 'none' })}.${b64(t.payload)}.`],
  'alg-hs256-public-key': ['any', 'refuse', 'alg is HS256 and the key is the public key (PEM)', (t) => hs256(t, createPublicKey(t.key).export({ type: 'spki', format: 'pem' }))],
  'alg-hs256-client-secret': ['any', 'refuse', 'alg is HS256 and the key is the client secret', (t) => hs256(t, t.client.clientSecret ?? '')],
  'signature-broken': ['any', 'refuse', 'one bit of the signature is turned', (t) => broken(t)],
  'signature-missing': ['any', 'refuse', 'alg is RS256 and the signature is empty', (t) => `${b64(t.header)}.${b64(t.payload)}.`],
  'payload-altered': ['any', 'refuse', 'name was changed after signing', (t) => { const s = t.signed().split('.'); return `${s[0]}.${b64({ ...t.payload, name: 'Someone Else' })}.${s[2]}`; }],
  'kid-wrong': ['any', 'refuse', 'kid names no key of the issuer, though the signature is right', (t) => { t.header.kid = 'no-such-key'; return t.signed(); }],
  'key-unknown': ['any', 'refuse', 'signed by a key that is not the issuer\'s, under the kid of the right one', (t) => t.signed(t.foreign.key)],
  'key-embedded': ['any', 'refuse', 'signed by a foreign key that the header itself carries (jwk)', (t) => { t.header = { alg: 'RS256', jwk: t.foreign.jwk, kid: t.foreign.jwk.kid }; return t.signed(t.foreign.key); }],
  'id-token-missing': ['any', 'refuse', 'the token response has no id_token', () => undefined],
  'id-token-garbage': ['any', 'refuse', 'id_token is not a JWT', () => 'not.a.jwt'],
};

const OTHER = {
  'key-rotated': ['any', 'accept', 'the issuer has a new signing key, and publishes only that one', 'jwks'],
  'jwks-empty': ['any', 'refuse', 'the issuer publishes no key', 'jwks'],
  'jwks-500': ['any', 'refuse', 'the key set answers 500', 'jwks'],
  'token-500': ['any', 'refuse', 'the token endpoint answers 500', 'token'],
  'token-hangs': ['any', 'refuse', 'the token endpoint never answers', 'token'],
  'discovery-500': ['any', 'refuse', 'the discovery document answers 500', 'discovery'],
  'discovery-issuer-wrong': ['any', 'refuse', 'the discovery document names another issuer', 'discovery'],
  'state-wrong': ['any', 'refuse', 'the callback has a state that was not sent', 'authorization'],
  'state-missing': ['any', 'refuse', 'the callback has no state', 'authorization'],
  'iss-param-wrong': ['any', 'refuse', 'the callback\'s iss (RFC 9207) is another issuer', 'authorization'],
  'iss-param-missing': ['any', 'refuse', 'the callback has no iss, though discovery promises one (RFC 9207)', 'authorization'],
  'code-wrong': ['any', 'refuse', 'the callback\'s code is not one of the issuer\'s', 'authorization'],
  'code-missing': ['any', 'refuse', 'the callback has neither code nor error', 'authorization'],
  'access-denied': ['any', 'refuse', 'the callback says error=access_denied', 'authorization'],
  'acr-values-ignored': ['step-up', 'refuse', 'acr_values are ignored: they alone ask nobody, and acr is mfa', 'request'],
  'max-age-ignored': ['step-up', 'judge', 'max_age is ignored: it alone asks nobody, and auth_time is that of the session', 'request'],
  'prompt-ignored': ['step-up', 'judge', 'prompt is ignored: it alone asks nobody', 'request'],
};

const available = [
  ...Object.entries(ID_TOKEN).map(([name, [during, expect, effect]]) => ({ name, where: 'id_token', during, expect, effect })),
  ...Object.entries(OTHER).map(([name, [during, expect, effect, where]]) => ({ name, where, during, expect, effect })),
];

function hs256(t, secret) {
  const input = `${b64({ ...t.header, alg: 'HS256' })}.${b64(t.payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

function broken(t) {
  const [h, p, s] = t.signed().split('.');
  const bytes = Buffer.from(s, 'base64url');
  bytes[20] ^= 1;
  return `${h}.${p}.${bytes.toString('base64url')}`;
}

/** A Koa middleware around the provider, which answers /__faults and spoils what passes by while a fault is active. */
export function faults({ signing, accounts }) {
  const key = createPrivateKey({ key: signing, format: 'jwk' });
  const foreign = foreignKey();
  let active = new Set();

  return async function spoil(ctx, next) {
    if (ctx.path === '/__faults') return administer(ctx);
    if (ctx.path === '/auth') ignoreParameters(ctx);
    if (ctx.path === '/token' && active.has('token-hangs')) return new Promise((resolve) => { ctx.req.on('close', resolve); });
    await next();
    if (ctx.path === '/token') spoilToken(ctx);
    else if (ctx.path === '/jwks') spoilKeys(ctx);
    else if (ctx.path === '/.well-known/openid-configuration') spoilDiscovery(ctx);
    else if (ctx.path === '/auth' || ctx.path.startsWith('/auth/')) spoilCallback(ctx);
    return undefined;
  };

  async function administer(ctx) {
    if (ctx.method === 'POST') {
      if (!ctx.is('application/json')) { ctx.status = 415; return; } // so that no page of another site can send it
      const chunks = [];
      for await (const chunk of ctx.req) chunks.push(chunk);
      let wanted;
      try { wanted = JSON.parse(Buffer.concat(chunks).toString('utf8')).faults; } catch { /* answered below */ }
      const unknown = Array.isArray(wanted) ? wanted.filter((name) => !available.some((f) => f.name === name)) : ['the body'];
      if (unknown.length > 0) { ctx.status = 400; ctx.body = { error: `no such fault: ${unknown.join(', ')}` }; return; }
      active = new Set(wanted);
    }
    ctx.body = { available, active: [...active] };
  }

  function ignoreParameters(ctx) {
    const query = { ...ctx.query };
    if (active.has('acr-values-ignored')) delete query.acr_values;
    if (active.has('max-age-ignored')) delete query.max_age;
    if (active.has('prompt-ignored')) delete query.prompt;
    ctx.query = query;
  }

  function spoilToken(ctx) {
    if (active.has('token-500')) { ctx.status = 500; ctx.body = { error: 'server_error' }; return; }
    if (!ctx.body?.id_token) return;
    const [header, payload] = ctx.body.id_token.split('.').slice(0, 2).map((s) => JSON.parse(Buffer.from(s, 'base64url').toString('utf8')));
    const t = {
      header, payload, key, foreign, accounts, client: ctx.oidc.client,
      params: { acr_values: ctx.oidc.entities.AuthorizationCode?.claims?.id_token?.acr?.values?.join(' ') },
      signed(by = key) {
        const input = `${b64(this.header)}.${b64(this.payload)}`;
        return `${input}.${sign('sha256', Buffer.from(input), by).toString('base64url')}`;
      },
    };
    if (active.has('key-rotated')) { t.header.kid = foreign.jwk.kid; ctx.body.id_token = t.signed(foreign.key); }
    for (const [name, [, , , forge]] of Object.entries(ID_TOKEN)) {
      if (active.has(name)) ctx.body.id_token = forge(t);
    }
  }

  function spoilKeys(ctx) {
    if (active.has('jwks-500')) { ctx.status = 500; ctx.body = { error: 'server_error' }; }
    if (active.has('jwks-empty')) ctx.body = { keys: [] };
    if (active.has('key-rotated')) ctx.body = { keys: [foreign.jwk] };
  }

  function spoilDiscovery(ctx) {
    if (active.has('discovery-500')) { ctx.status = 500; ctx.body = { error: 'server_error' }; }
    if (active.has('discovery-issuer-wrong')) ctx.body = { ...ctx.body, issuer: 'http://127.0.0.1:9/another-issuer' };
  }

  function spoilCallback(ctx) {
    const to = ctx.response.get('Location');
    if (!URL.canParse(to) || new URL(to).origin === new URL(ctx.oidc.provider.issuer).origin) return;
    const url = new URL(to);
    const q = url.searchParams;
    if (active.has('state-wrong')) q.set('state', 'not-the-state-that-was-sent');
    if (active.has('state-missing')) q.delete('state');
    if (active.has('iss-param-wrong')) q.set('iss', 'http://127.0.0.1:9/another-issuer');
    if (active.has('iss-param-missing')) q.delete('iss');
    if (active.has('code-wrong')) q.set('code', 'not-a-code-of-this-issuer');
    if (active.has('code-missing')) q.delete('code');
    if (active.has('access-denied')) { q.delete('code'); q.set('error', 'access_denied'); }
    ctx.set('Location', url.href);
  }
}

function foreignKey() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { e, n, kty } = publicKey.export({ format: 'jwk' });
  return { key: privateKey, jwk: { kty, e, n, kid: kidOf({ e, n }), alg: 'RS256', use: 'sig' } };
}
