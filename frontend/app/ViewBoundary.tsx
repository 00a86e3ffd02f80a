"use client";

import { Component, type ReactNode } from "react";
import type { Session, SessionPhase, Source } from "twincast";
import { useSource } from "twincast/react";
import { type BehindView, BrokenView } from "@/components/BrokenView";

type Props = { readonly session: Session | null; readonly children: ReactNode };
type State = { readonly error: unknown; readonly isBroken: boolean };

const WHOLE: State = { error: null, isBroken: false };

/**
 * A view that fails takes nothing with it: the session goes on behind it, and stays in the person's hand. Extensions and
 * translators change the page under React's hands, so that any of its changes may throw.
 */
export class ViewBoundary extends Component<Props, State> {
  override readonly state = WHOLE;

  static getDerivedStateFromError(error: unknown): State {
    return { error, isBroken: true };
  }

  override render(): ReactNode {
    const { session, children } = this.props;
    if (!this.state.isBroken) return children;
    return (
      <Fallback
        session={session}
        technical={String(this.state.error)}
        onShowAgain={() => this.setState(WHOLE)}
      />
    );
  }
}

type FallbackProps = {
  readonly session: Session | null;
  readonly technical: string;
  readonly onShowAgain: () => void;
};

function Fallback({ session, technical, onShowAgain }: FallbackProps) {
  const { kind } = useSource(session?.phase ?? NO_SESSION);
  return (
    <BrokenView
      behind={BEHIND[kind]}
      technical={technical}
      onStop={() => void session?.stop()}
      onDiscard={() => session?.discard()}
      onShowAgain={onShowAgain}
      onReload={() => location.reload()}
    />
  );
}

const NOTHING = { kind: "permission" } as const;
const NO_SESSION: Source<{ readonly kind: SessionPhase["kind"] }> = {
  get: () => NOTHING,
  subscribe: () => () => {},
};

const BEHIND: Readonly<Record<SessionPhase["kind"], BehindView>> = {
  permission: "nothing",
  ready: "nothing",
  starting: "streaming",
  live: "streaming",
  finishing: "finishing",
  ended: "nothing",
};
