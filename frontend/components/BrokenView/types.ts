/** What goes on behind a view that broke. */
export type BehindView = "nothing" | "streaming" | "finishing";

export type BrokenViewProps = {
  behind: BehindView;
  /** What went wrong, as the browser says it: for whoever looks into it. */
  technical: string;
  onStop: () => void;
  onDiscard: () => void;
  /** Shows the page anew, with what goes on behind it. */
  onShowAgain: () => void;
  onReload: () => void;
};
