// The least a Worker can do: answer the command, checking nothing.
import HELP from "./help.json";

export default {
  fetch: () => Response.json(HELP),
};
