import { ZodError } from "zod";
import { UserError } from "../user-error";

export const UNREADABLE = "Proxmox: an answer that is not as its API describes it";

/** Reads answers of Proxmox. Throws a UserError of one that has another form. */
export async function readably<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof ZodError ? new UserError(UNREADABLE) : error;
  }
}
