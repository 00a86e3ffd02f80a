/**
 * Hooks for React 19 and newer.
 *
 * @packageDocumentation
 */
export { useSession } from "../react/use-session";
export { useSource } from "../react/use-source";
