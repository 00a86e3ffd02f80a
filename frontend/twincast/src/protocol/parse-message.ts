import { type GenericSchema, type InferOutput, safeParse } from "valibot";
import { ProtocolError } from "./frames";

/**
 * @param text a text frame from the backend.
 * @throws ProtocolError when it is no JSON, or not as `schema` has it.
 */
export function parseMessage<Schema extends GenericSchema>(
  schema: Schema,
  text: string,
): InferOutput<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ProtocolError("The backend sent text that is not JSON.");
  }
  const result = safeParse(schema, value);
  if (result.success) return result.output;
  throw new ProtocolError(
    `The backend sent a message that breaks the protocol: ${result.issues[0].message}.`,
  );
}
