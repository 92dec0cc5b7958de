// The same door with the library for Slack apps on Workers, set up as its README does.
import { SlackApp } from "slack-edge";
import HELP from "./help.json";

// By default each request would ask Slack's auth.test who the token belongs to; that is not what is measured.
const authorize = async () => ({
  teamId: "T0CONTOSO",
  botId: "B0PBIROTATE",
  botUserId: "U0BOT",
  botToken: "xoxb-emulated-bot-token",
  botScopes: ["commands"],
});

export default {
  fetch(request, env, ctx) {
    const app = new SlackApp({ env: { ...env, SLACK_LOGGING_LEVEL: "ERROR" }, authorize });
    app.command("/pbi", async () => HELP);
    return app.run(request, ctx);
  },
};
