// The development identity provider: one process per issuer. It vouches for invented people to anyone who asks, so it listens
// on this machine only and refuses to run where NODE_ENV says production.
//
//   node idp.mjs --issuer health --port 41801 --clients clients.json --app http://localhost:8080 --app 'http://[::1]:8080'
//
//   --issuer health|ncsc   whose people
//   --port N               the issuer is http://127.0.0.1:N
//   --clients FILE         [{client_id, client_secret | jwks, redirect_uris?, post_logout_redirect_uris?}]
//   --app ORIGIN           may be repeated: adds ORIGIN/auth/callback and, after signing out, ORIGIN/ to every client
//   --keys FILE            keeps the signing key over restarts (made if absent); without it a restart signs with a new key
//   --extra N              adds guest1 … guestN
//   --allow-faults         answers /__faults (faults.mjs)

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { errors } from 'oidc-provider';
import { accountsOf } from './accounts.mjs';
import { faults } from './faults.mjs';
import { interactions } from './interaction.mjs';
import { CSP, errorPage } from './pages.mjs';
import { ISSUERS, kidOf, newProvider } from './provider.mjs';

function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}

function options() {
  const { values } = parseArgs({
    options: {
      issuer: { type: 'string' },
      port: { type: 'string' },
      clients: { type: 'string' },
      app: { type: 'string', multiple: true, default: [] },
      keys: { type: 'string' },
      extra: { type: 'string', default: '0' },
      'allow-faults': { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  const extra = Number(values.extra);
  if (process.env.NODE_ENV === 'production') refuse('The development identity provider vouches for invented people and does not run with NODE_ENV=production.');
  if (!Object.hasOwn(ISSUERS, values.issuer ?? '')) refuse(`--issuer must be one of: ${Object.keys(ISSUERS).join(', ')}.`);
  if (!Number.isInteger(port) || port < 1 || port > 65535) refuse('--port must be a number from 1 to 65535.');
  if (!values.clients) refuse('--clients must name the file of the applications that may use this issuer.');
  if (!Number.isInteger(extra) || extra < 0 || extra > 100000) refuse('--extra must be a number from 0 to 100000.');
  return { ...values, port, extra };
}

function clientsFrom(file, apps) {
  let clients;
  try {
    clients = JSON.parse(readFileSync(file, 'utf8'));
  } catch (err) {
    refuse(`The file of applications ${file} cannot be read: ${err.message}`);
  }
  return clients.map((c) => ({
    ...c,
    redirect_uris: [...(c.redirect_uris ?? []), ...apps.map((a) => `${a}/auth/callback`)],
    post_logout_redirect_uris: [...(c.post_logout_redirect_uris ?? []), ...apps.map((a) => `${a}/`)],
  }));
}

function keysFrom(file) {
  if (file && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const keys = { signing: { ...jwk, kid: kidOf(jwk), alg: 'RS256', use: 'sig' }, cookies: randomBytes(32).toString('base64url') };
  if (file) writeFileSync(file, `${JSON.stringify(keys)}\n`, { mode: 0o600, flag: 'wx' });
  return keys;
}

const o = options();
const url = `http://127.0.0.1:${o.port}`;
const accounts = accountsOf(o.issuer, o.extra);
const keys = keysFrom(o.keys);
const provider = newProvider({ issuer: o.issuer, url, clients: clientsFrom(o.clients, o.app), accounts, keys });

provider.on('server_error', (ctx, err) => console.error('server error:', err));
provider.use(async (ctx, next) => {
  ctx.set('Content-Security-Policy', CSP);
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Referrer-Policy', 'no-referrer');
  await next();
});
if (o['allow-faults']) provider.use(faults({ signing: keys.signing, accounts }));
provider.use(async (ctx, next) => {
  if (ctx.path === '/') ctx.body = errorPage(ISSUERS[o.issuer], { error: 'There is nothing to do here without a service to sign in to.' });
  try {
    await next();
  } catch (err) {
    if (!(err instanceof errors.SessionNotFound)) throw err;
    ctx.status = 400;
    ctx.body = errorPage(ISSUERS[o.issuer], { error: 'This sign-in is over or has expired.' });
  }
});
provider.use(interactions(provider, o.issuer, accounts));

const server = createServer(provider.callback());
server.on('error', (err) => {
  if (err.code === 'EADDRINUSE') refuse(`Port ${o.port} on 127.0.0.1 is taken: stop what listens there, or give another --port.`);
  refuse(`The identity provider cannot listen on 127.0.0.1:${o.port}: ${err.message}`);
});
server.listen(o.port, '127.0.0.1', () => console.log(`${ISSUERS[o.issuer]} is ready at ${url}`));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => { server.closeAllConnections(); server.close(() => process.exit(0)); });
