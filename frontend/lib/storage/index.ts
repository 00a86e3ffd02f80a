/** The face of storage: the journal of a stream. */
export { type JournalFiles, StreamJournal } from "./stream-journal";
