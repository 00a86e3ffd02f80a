/** What the page tells of a session, and in which words. Fetched with the session's code. */
export { Announcer } from "./announcer";
