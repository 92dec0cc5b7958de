// The least a Worker can do: answer the command, checking nothing.
import { HELP } from "./help.js";

export default {
  fetch: () => Response.json(HELP),
};
