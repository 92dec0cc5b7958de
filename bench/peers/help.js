// What every peer answers to `/pbi help`: about as much text as the Worker that they are measured against.
export const HELP = {
  response_type: "ephemeral",
  text: "`/pbi rotate <target>` asks for a new credential; `/pbi list` shows what you may rotate; `/pbi status` shows what is under way.",
};
