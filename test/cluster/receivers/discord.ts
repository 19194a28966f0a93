import { z } from "zod";
import { json, type Asked, type Answered, type Messenger } from "./messenger";

const message = z.object({
  content: z.string().optional(),
  embeds: z.array(z.object({ title: z.string(), description: z.string() })).optional(),
});

/** Discord, where one channel has a webhook: https://docs.discord.com/developers/resources/webhook#execute-webhook. */
export class Discord implements Messenger {
  readonly host = "discord.com";
  readonly path = "/api/webhooks/1234567890/c2VjcmV0LW9mLXRoZS1ob29r";

  readonly answer = ({ path, body }: Asked): Answered => {
    if (path !== this.path) return json(404, { message: "Unknown Webhook", code: 10_015 });
    const { content = "", embeds = [] } = message.parse(JSON.parse(body));
    if (content === "" && embeds.length === 0)
      return json(400, { message: "Cannot send an empty message", code: 50_006 });
    return { ...json(204, {}), text: "" };
  };
}
