import { z } from "zod";
import { json, type Asked, type Answered, type Messenger } from "./messenger";

const message = z.object({ chat_id: z.coerce.number(), text: z.string().min(1) });

/** Telegram's API for bots, of which one may write into one chat: https://core.telegram.org/bots/api#sendmessage. */
export class Telegram implements Messenger {
  readonly host = "api.telegram.org";
  readonly token = "123456:ABC-DEF_ghi";
  readonly chat = -1_001_234_567_890;

  readonly answer = ({ path, body }: Asked): Answered => {
    if (path !== `/bot${this.token}/sendMessage`) return refuse(401, "Unauthorized");
    const { data } = message.safeParse(JSON.parse(body));
    if (data === undefined) return refuse(400, "Bad Request: message text is empty");
    if (data.chat_id !== this.chat) return refuse(400, "Bad Request: chat not found");
    const chat = { id: this.chat, type: "supergroup" };
    return json(200, { ok: true, result: { message_id: 1, date: 1, chat, text: data.text } });
  };
}

function refuse(code: number, description: string): Answered {
  return json(code, { ok: false, error_code: code, description });
}
