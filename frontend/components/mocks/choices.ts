/**
 * A control of Storybook's that offers values by their names, for props that are unions: who mixes states chooses a name,
 * and writes no JSON.
 */
export function choices<T>(named: Readonly<Record<string, T>>) {
  return { control: "select" as const, options: Object.keys(named), mapping: named };
}
