/** The triggers that have settings, by their key under `vmstation:power`: one line each. */
export { calendar } from "./calendar";
