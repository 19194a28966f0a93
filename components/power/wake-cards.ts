import { readScript } from "../remote/step";

/** The script that says which network cards a magic packet reaches. */
export const WAKE_CARDS = readScript(__dirname, "files/wake-cards.sh");
