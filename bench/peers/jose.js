// Teams' door as a careful person would write it by hand: jose verifies the token, the rest is what the documents ask.
import { createRemoteJWKSet, jwtVerify } from "jose";

const CLAIMS = {
  algorithms: ["RS256"],
  issuer: "https://api.botframework.com",
  requiredClaims: ["exp"],
  clockTolerance: 300,
};
let keys;

// The key set is fetched once for each isolate.
const keySet = (login) => (keys ??= createRemoteJWKSet(new URL(`${login}/v1/.well-known/keys`)));

async function isFromTeams(request, activity, { TEAMS_LOGIN_URL, TEAMS_APP_ID }) {
  const [, token] = /^Bearer +([\w.-]+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  if (!token) return false;
  const set = keySet(TEAMS_LOGIN_URL);
  const { payload, protectedHeader } = await jwtVerify(token, set, { ...CLAIMS, audience: TEAMS_APP_ID });
  const key = set.jwks().keys.find(({ kid }) => kid === protectedHeader.kid);
  const endorsed = key?.endorsements?.includes("msteams") && activity.channelId === "msteams";
  return endorsed && payload.serviceurl === activity.serviceUrl;
}

function isForUs({ conversation, channelData, recipient }, { TEAMS_TENANT_ID, TEAMS_APP_ID }) {
  const tenants = [conversation?.tenantId, channelData?.tenant?.id];
  return tenants.every((tenant) => tenant === TEAMS_TENANT_ID) && recipient?.id === `28:${TEAMS_APP_ID}`;
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (request.method !== "POST" || pathname !== "/api/messages") return new Response(null, { status: 404 });
    const activity = JSON.parse(await request.text());
    const verified = await isFromTeams(request, activity, env).catch(() => false);
    if (!verified) return new Response("not from Teams", { status: 401 });
    if (!isForUs(activity, env)) return new Response("not for this bot", { status: 403 });
    // Nothing is done about a reaction.
    return new Response(null, { status: activity.type === "messageReaction" ? 200 : 501 });
  },
};
