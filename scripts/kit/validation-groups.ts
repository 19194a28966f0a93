/** For command lines, which import from here only. */
export { VALIDATION_GROUPS } from "../../components/validation/groups";
