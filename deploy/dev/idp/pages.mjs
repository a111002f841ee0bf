// The pages a person sees: plain HTML, no script, nothing from elsewhere. Every control is a labelled button, link or field.

import { createHash } from 'node:crypto';

const STYLE = `
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;font:1.125rem/1.5 Arial,Helvetica,sans-serif;color:#212b32;background:#f0f4f5}
.dev{background:#212b32;color:#fff;padding:.75rem 1rem;font-weight:700;border-bottom:.5rem solid;border-image:repeating-linear-gradient(135deg,#ffb81c 0 1rem,#212b32 1rem 2rem) 8}
main{max-width:40rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.75rem;line-height:1.25;margin:0 0 .5rem}
h2{font-size:1.125rem;margin:1.75rem 0 .5rem}
p{margin:0 0 1rem}
.muted{color:#425563}
button,.button{display:block;width:100%;min-height:3rem;padding:.625rem 1rem;margin:0 0 .5rem;font:inherit;text-align:left;color:#212b32;background:#fff;border:2px solid #aeb7bd;border-radius:.25rem;cursor:pointer;text-decoration:none}
button:hover,.button:hover{border-color:#005eb8}
button.main{background:#005eb8;border-color:#005eb8;color:#fff;font-weight:700;text-align:center}
button.main:hover{background:#003d78}
button.plain{background:none;border-color:transparent;color:#005eb8;text-decoration:underline;padding-left:0}
button:focus,input:focus,a:focus{outline:4px solid #ffeb3b;outline-offset:0;box-shadow:inset 0 0 0 4px #212b32;color:#212b32;background:#ffeb3b}
input:focus{background:#fff}
label{display:block;font-weight:700;margin:0 0 .25rem}
input{font:inherit;width:100%;max-width:16rem;min-height:3rem;padding:.5rem .75rem;border:2px solid #4c6272;border-radius:0;margin:0 0 1rem;background:#fff}
input[name=code]{letter-spacing:.25em}
.error{border:4px solid #d5281b;padding:.75rem 1rem;margin:0 0 1rem;background:#fff}
.card{background:#fff;border:1px solid #d8dde0;padding:1.25rem 1rem;margin:0 0 1rem}
a{color:#005eb8}
`;

/**
 * The style is allowed by its hash, so no other style runs on these pages, and no script. The empty script-src is where the library
 * adds the hash of the one script it has of its own: it posts the form of a sign-out that has nobody to ask.
 */
export const CSP = `default-src 'none'; script-src; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; frame-ancestors 'none'`;

/** esc makes text safe inside an element and inside a quoted attribute. */
export function esc(text) {
  return String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function page(title, heading, body) {
  return `<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${esc(heading)} – ${esc(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<div class="dev" role="note" data-testid="development">Development sign-in – not for production</div>
<main>
<p class="muted">${esc(title)}</p>
<h1>${esc(heading)}</h1>
${body}
</main>
</body>
</html>
`;
}

function failure(message) {
  return message ? `<div class="error" role="alert" data-testid="error">${esc(message)}</div>` : '';
}

/** The first page: one button per person, under their organisation. Guests are too many for buttons and are typed. */
export function accountPage({ title, action, cancel, accounts, clientName, error }) {
  const groups = new Map();
  for (const p of accounts.people) {
    if (p.guest) continue;
    if (!groups.has(p.organisationName)) groups.set(p.organisationName, []);
    groups.get(p.organisationName).push(p);
  }
  const buttons = [...groups].map(([organisation, people]) => `<h2>${esc(organisation)}</h2>
${people.map((p) => `<button name="account" value="${esc(p.key)}" data-testid="account-${esc(p.key)}">Sign in as ${esc(p.name)} – ${esc(p.jobTitle)}</button>`).join('\n')}`);
  const guests = accounts.people.filter((p) => p.guest).length;
  const typed = guests === 0 ? '' : `<h2>Guests</h2>
<form method="post" action="${esc(action)}" data-testid="guest-form">
<label for="guest">Guest account, guest1 to guest${guests}</label>
<input id="guest" name="account" autocomplete="off" autocapitalize="none" spellcheck="false" required data-testid="guest">
<button data-testid="guest-submit">Sign in as this guest</button>
</form>`;
  return page(title, 'Who are you?', `${failure(error)}<p>You are signing in to ${esc(clientName)}. Everyone here is invented.</p>
<form method="post" action="${esc(action)}" data-testid="account-form">
${buttons.join('\n')}
</form>
${typed}
${cancelForm(cancel)}`);
}

/** The second page: the second factor, filled in already. */
export function secondFactorPage({ title, action, choose, cancel, person, code, stepUp, error }) {
  const heading = stepUp ? 'Confirm it is you' : 'Second factor';
  return page(title, heading, `${failure(error)}<p>${stepUp ? 'The service asks for a fresh second factor from' : 'Signing in as'} <strong data-testid="person">${esc(person.name)} – ${esc(person.jobTitle)}</strong>.</p>
<form class="card" method="post" action="${esc(action)}" data-testid="second-factor-form">
<input type="hidden" name="account" value="${esc(person.key)}">
<label for="code">Security code</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" value="${esc(code)}" required data-testid="second-factor-code">
<button class="main" autofocus data-testid="second-factor-submit">Continue</button>
</form>
<p><a href="${esc(choose)}" data-testid="other-account">Not ${esc(person.name)}? Choose someone else</a></p>
${cancelForm(cancel)}`);
}

function cancelForm(cancel) {
  return `<form method="post" action="${esc(cancel)}"><button class="plain" data-testid="cancel">Cancel and go back</button></form>`;
}

/** The page of RP-initiated logout. The form comes from the library and is submitted by the buttons. */
export function logoutPage(title, form) {
  return page(title, 'Sign out?', `${form}
<button class="main" type="submit" form="op.logoutForm" name="logout" value="yes" autofocus data-testid="sign-out">Sign out here too</button>
<button type="submit" form="op.logoutForm" data-testid="stay">Stay signed in</button>`);
}

export function signedOutPage(title) {
  return page(title, 'You are signed out', '<p>You can close this page.</p>');
}

export function errorPage(title, { error, error_description: description }) {
  return page(title, 'This sign-in cannot go on', `<p data-testid="error">${esc(description || error)}</p>
<p class="muted">Go back to the service and start signing in again.</p>`);
}
