// Seals a credential for every gateway key of a plan, with the Wasm made of crates/seal.
import init, { Credential, Key } from "./seal_web.js";

/** How long, in milliseconds, the page computes before it lets the browser draw and listen. */
const SLICE = 40;

const CREDENTIALS = {
  Anonymous: () => Credential.anonymous(),
  WindowsWithoutImpersonation: () => Credential.anonymous(),
  Basic: (login, bytes) => Credential.password(login.username, bytes("password")),
  Windows: (login, bytes) => Credential.password(login.username, bytes("password")),
  Key: (_, bytes) => Credential.key(bytes("key")),
  OAuth2: (_, bytes) => Credential.access_token(bytes("access_token")),
  SAS: (_, bytes) => Credential.token(bytes("token")),
  ServicePrincipal: (login, bytes) => Credential.service_principal(login.tenant, login.client, bytes("client_secret")),
  KeyPair: (login, bytes) => Credential.key_pair(login.identifier, bytes("private_key"), bytes("passphrase")),
};

/** Loads the Wasm. Where it is and what it has to hash to stands in the page, which the build filled in. */
export function load() {
  const { href, dataset } = document.querySelector("link[as=fetch]");
  const { integrity } = dataset;
  return init({ module_or_path: fetch(href, { integrity }) });
}

/** A gateway's key that cannot be used. The message says why. */
export class BadKey extends Error {}

/** The plan's gateway keys, each with the fingerprint and size that this browser found, in the plan's order. */
export function readKeys(plan) {
  return plan.gateways.flatMap((members, gateway) => {
    const place = plan.places.find((place) => place.gateway === gateway);
    return members.map(({ member, exponent, modulus, fingerprint }) => {
      let key;
      try {
        key = new Key(exponent, modulus, plan.legacy);
      } catch (error) {
        throw new BadKey(`${place.name}: ${error.message}`);
      }
      if (key.fingerprint() !== fingerprint) throw new BadKey(`${place.name}: ${key.fingerprint()} ≠ ${fingerprint}`);
      return { gateway, member, fingerprint, bits: key.bits(), key };
    });
  });
}

/**
 * Seals what was entered for each of the keys: a list of gateways with their members, as the server takes it. What is
 * behind one gateway shares it. `progress` is told how many are done.
 */
export async function seal(plan, keys, entered, progress) {
  const copies = [];
  const bytes = (field) => {
    if (!entered[field]) return undefined;
    const copy = new TextEncoder().encode(entered[field]);
    copies.push(copy);
    return copy;
  };
  const credential = CREDENTIALS[plan.kind](Object(plan.login), bytes);
  try {
    const sealed = plan.gateways.map((_, gateway) => ({ gateway, members: [] }));
    let pause = performance.now() + SLICE;
    for (const [done, { gateway, member, fingerprint, key }] of keys.entries()) {
      if (performance.now() > pause) {
        progress(done);
        await new Promise((go) => setTimeout(go));
        pause = performance.now() + SLICE;
      }
      sealed[gateway].members.push({ member, fingerprint, sealed: key.seal(credential) });
    }
    return sealed;
  } finally {
    credential.free();
    for (const copy of copies) copy.fill(0);
  }
}
