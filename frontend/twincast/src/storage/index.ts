/**
 * The face of storage: the files of one stream, for its worker. For the page stands beside it `stored-sessions`, so that
 * neither loads the other's part.
 */
export { openStreamStorage, type StreamStorage } from "./private-files";
