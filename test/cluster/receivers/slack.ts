import { z } from "zod";
import type { Asked, Answered, Messenger } from "./messenger";

const message = z.looseObject({
  channel: z.string().optional(),
  text: z.string().optional(),
  attachments: z.array(z.object({ text: z.string(), title: z.string() })).optional(),
});

/** Slack, where an app has an incoming webhook: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks. */
export class Slack implements Messenger {
  readonly host = "hooks.slack.com";
  readonly path = "/services/T012AB3CD/B045EF6GH/c2VjcmV0T2ZUaGVIb29r";
  readonly channel = "#home";

  readonly answer = ({ path, body }: Asked): Answered => {
    if (path !== this.path) return plain(404, "no_service");
    const { channel = this.channel, text, attachments = [] } = message.parse(JSON.parse(body));
    if (text === undefined && attachments.length === 0) return plain(400, "no_text");
    return channel === this.channel ? plain(200, "ok") : plain(404, "channel_not_found");
  };
}

const plain = (status: number, text: string): Answered => ({ status, type: "text/html", text });
