// The OpenID provider itself: code flow with PKCE and nonce, and a step-up that really asks again.

import { createHash } from 'node:crypto';
import { Provider, errors, interactionPolicy } from 'oidc-provider';
import { claimsOf } from './accounts.mjs';
import { Memory } from './memory.mjs';
import { errorPage, logoutPage, signedOutPage } from './pages.mjs';

/** Signed in with a second factor: what every sign-in here has. */
export const MFA = 'urn:wardroom:acr:mfa';
/** The second factor was asked for this very request. */
export const STEPUP = 'urn:wardroom:acr:stepup';

export const ISSUERS = {
  health: 'Health staff sign-in (development)',
  ncsc: 'NCSC staff sign-in (development)',
};

/** stepUpAsked tells whether a request names the step-up class among its acr_values. */
export function stepUpAsked(params) {
  return (params.acr_values ?? '').split(' ').includes(STEPUP);
}

export function newProvider({ issuer, url, clients, accounts, keys }) {
  const title = ISSUERS[issuer];
  return new Provider(url, {
    adapter: Memory,
    clients: clients.map(registered),
    jwks: { keys: [keys.signing] },
    // Browsers send a cookie to every port of a host, so two issuers on 127.0.0.1 must not use the same names.
    cookies: {
      keys: [keys.cookies],
      names: { session: `_${issuer}_session`, interaction: `_${issuer}_interaction`, resume: `_${issuer}_resume` },
    },
    acrValues: [MFA, STEPUP],
    scopes: ['openid'],
    claims: {
      openid: ['sub', 'acr', 'auth_time'],
      profile: ['name', 'organisation'],
      email: ['email', 'email_verified'],
    },
    conformIdTokenClaims: false, // the ID token carries the claims; nobody has to ask /me as well
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'private_key_jwt'],
    pkce: { required: () => true },
    extraParams: {
      nonce(ctx, value) {
        if (!value) throw new errors.InvalidRequest('nonce is required');
      },
    },
    features: {
      devInteractions: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(ctx, form) { ctx.body = logoutPage(title, form); },
        postLogoutSuccessSource(ctx) { ctx.body = signedOutPage(title); },
      },
    },
    renderError(ctx, out) {
      ctx.type = 'html';
      ctx.body = errorPage(title, out);
    },
    interactions: { policy: policy(), url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    async findAccount(ctx, sub) {
      const person = accounts.bySub.get(sub);
      return person && { accountId: sub, claims: () => claimsOf(person) };
    },
    // Signing in is consent enough here: the grant is made on the way.
    async loadExistingGrant(ctx) {
      const { oidc } = ctx;
      const old = oidc.session.grantIdFor(oidc.client.clientId);
      if (old) {
        const grant = await oidc.provider.Grant.find(old);
        if (grant) return grant;
      }
      const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
    ttl: {
      AccessToken: 300, AuthorizationCode: 60, Grant: 14 * 3600, IdToken: 300, Interaction: 3600, Session: 14 * 3600,
    },
  });
}

function registered(c) {
  return {
    client_id: c.client_id,
    client_name: c.client_name ?? 'Wardroom',
    redirect_uris: c.redirect_uris,
    post_logout_redirect_uris: c.post_logout_redirect_uris,
    response_types: ['code'],
    grant_types: ['authorization_code'],
    id_token_signed_response_alg: 'RS256',
    require_auth_time: true,
    ...(c.jwks
      ? { token_endpoint_auth_method: 'private_key_jwt', jwks: c.jwks }
      : { token_endpoint_auth_method: 'client_secret_basic', client_secret: c.client_secret }),
  };
}

/**
 * The library's own policy never prompts for acr_values alone, and lets max_age=0 pass within the second of the last sign-in
 * (it compares whole seconds). Both are asked for here, once per request: what this request's interaction has answered counts.
 */
function policy() {
  const { base, Check } = interactionPolicy;
  const prompts = base();
  const login = prompts.get('login');
  const unless = (asked) => (ctx) => asked(ctx.oidc.params) && !ctx.oidc.result?.login;
  login.checks.add(new Check('step_up', 'a fresh second factor is required', unless(stepUpAsked)));
  login.checks.add(new Check('max_age_zero', 'authentication must be fresh', unless((p) => p.max_age !== undefined && Number(p.max_age) === 0)));
  return prompts;
}

/** kidOf names a key by its RFC 7638 thumbprint. */
export function kidOf({ e, n }) {
  return createHash('sha256').update(JSON.stringify({ e, kty: 'RSA', n })).digest('base64url');
}
