import type { ReactNode } from "react";

/** Drawn on a 24 px grid with a 1.75 px round pen; the size is 1.25em unless a style says otherwise. */
function icon(name: string, children: ReactNode) {
  function Icon({ className }: { className?: string | undefined }) {
    return (
      <svg
        className={className}
        viewBox="0 0 24 24"
        width="1.25em"
        height="1.25em"
        fill="none"
        stroke="currentColor"
        strokeWidth={1.75}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {children}
      </svg>
    );
  }
  Icon.displayName = `${name}Icon`;
  return Icon;
}

export type IconComponent = {
  (props: { className?: string | undefined }): ReactNode;
  displayName?: string;
};

const camera = (
  <>
    <rect x="2.5" y="6" width="13" height="12" rx="3" />
    <path d="m15.5 10.8 4.4-2.7a1 1 0 0 1 1.6.8v6.2a1 1 0 0 1-1.6.8l-4.4-2.7" />
  </>
);
const mic = (
  <>
    <rect x="9" y="2.5" width="6" height="11.5" rx="3" />
    <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3.5" />
  </>
);
const slash = <path d="m3.5 3.5 17 17" />;

export const CameraIcon = icon("Camera", camera);
export const CameraOffIcon = icon(
  "CameraOff",
  <>
    <path d="M8 6h4.5a3 3 0 0 1 3 3v1.8l4.4-2.7a1 1 0 0 1 1.6.8v6.2a1 1 0 0 1-.4.8M15.4 15.6A3 3 0 0 1 12.5 18h-7a3 3 0 0 1-3-3V9a3 3 0 0 1 1.8-2.7" />
    {slash}
  </>,
);
export const MicIcon = icon("Mic", mic);
export const MicOffIcon = icon(
  "MicOff",
  <>
    <path d="M9 9v2a3 3 0 0 0 4.6 2.5M15 10.6V5.5a3 3 0 0 0-5.7-1.3M5.5 11.5a6.5 6.5 0 0 0 10.6 5M18.5 11.5a6.4 6.4 0 0 1-.5 2.5M12 18v3.5" />
    {slash}
  </>,
);
export const FlipIcon = icon(
  "Flip",
  <>
    <path d="M4 10.5A8.2 8.2 0 0 1 18.3 7l1.7 1.8M20 13.5A8.2 8.2 0 0 1 5.7 17L4 15.2" />
    <path d="M20 4.5v4.3h-4.3M4 19.5v-4.3h4.3" />
  </>,
);
export const TorchIcon = icon("Torch", <path d="M13 2.8 5 13.5h6l-1 7.7 8.2-10.7h-6l.8-7.7Z" />);
export const DetailsIcon = icon(
  "Details",
  <>
    <path d="M4 7.5h8M18 7.5h2M4 16.5h2M12 16.5h8" />
    <circle cx="15" cy="7.5" r="2.5" />
    <circle cx="9" cy="16.5" r="2.5" />
  </>,
);
export const AgainIcon = icon(
  "Again",
  <>
    <path d="M4.5 12a7.5 7.5 0 1 0 2.4-5.5L4.5 8.7" />
    <path d="M4.5 4v4.7h4.7" />
  </>,
);
export const CheckIcon = icon("Check", <path d="m5 12.8 4.6 4.5L19 7.5" />);
export const CrossIcon = icon("Cross", <path d="m6 6 12 12M18 6 6 18" />);
export const AlertIcon = icon(
  "Alert",
  <>
    <path d="M10.3 4.3 2.9 17a2 2 0 0 0 1.7 3h14.8a2 2 0 0 0 1.7-3L13.7 4.3a2 2 0 0 0-3.4 0Z" />
    <path d="M12 9.5v4M12 16.6v.01" />
  </>,
);
export const InfoIcon = icon(
  "Info",
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 11v5M12 7.8v.01" />
  </>,
);
export const ClockIcon = icon(
  "Clock",
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7v5.2l3.2 2" />
  </>,
);
export const OfflineIcon = icon(
  "Offline",
  <>
    <path d="M9.2 5.3A14.5 14.5 0 0 1 21.5 9M2.5 9A14.6 14.6 0 0 1 5.6 7M12 12a8.6 8.6 0 0 1 5.7 2M6.3 14a8.5 8.5 0 0 1 2.8-1.6M12 18.8v.01" />
    {slash}
  </>,
);
export const UploadIcon = icon("Upload", <path d="M12 19.5v-14M6 11l6-6 6 6" />);
export const LockIcon = icon(
  "Lock",
  <>
    <rect x="4.5" y="10.5" width="15" height="10" rx="3" />
    <path d="M8 10.5V7.5a4 4 0 0 1 8 0v3" />
  </>,
);
export const LinkIcon = icon(
  "Link",
  <path d="M10 13.8a4 4 0 0 0 5.8.2l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2M14 10.2a4 4 0 0 0-5.8-.2l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2" />,
);
export const PhoneCallIcon = icon(
  "PhoneCall",
  <path d="M6.5 3.5h2.3l1.7 4.3-2.2 1.7a12 12 0 0 0 6.2 6.2l1.7-2.2 4.3 1.7v2.3a2.5 2.5 0 0 1-2.7 2.5A15.5 15.5 0 0 1 4 6.2a2.5 2.5 0 0 1 2.5-2.7Z" />,
);
export const PauseIcon = icon("Pause", <path d="M8.5 5.5v13M15.5 5.5v13" />);
export const BrowserIcon = icon(
  "Browser",
  <>
    <rect x="2.5" y="4.5" width="19" height="15" rx="3" />
    <path d="M2.5 9.5h19M6 7v.01M9 7v.01" />
  </>,
);
export const QuestionIcon = icon(
  "Question",
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.5v.4M12 16.6v.01" />
  </>,
);
const speaker = <path d="M4 9.5v5h3.5l5 4v-13l-5 4H4Z" />;
export const SoundIcon = icon(
  "Sound",
  <>
    {speaker}
    <path d="M16 9a4.2 4.2 0 0 1 0 6M18.6 6.4a8 8 0 0 1 0 11.2" />
  </>,
);
export const SoundOffIcon = icon(
  "SoundOff",
  <>
    {speaker}
    <path d="m16.5 9.5 5 5M21.5 9.5l-5 5" />
  </>,
);
export const EnlargeIcon = icon("Enlarge", <path d="M14 4h6v6M10 20H4v-6M20 4l-7 7M4 20l7-7" />);
export const ReduceIcon = icon("Reduce", <path d="M19 11h-6V5M5 13h6v6M13 11l7-7M11 13l-7 7" />);
export const PlayIcon = icon("Play", <path d="M8 5.2v13.6l11-6.8-11-6.8Z" />);
export const DownloadIcon = icon("Download", <path d="M12 4.5v11M6 11l6 6 6-6M5 20.5h14" />);
export const EyeIcon = icon(
  "Eye",
  <>
    <path d="M2.5 12C5 7.7 8.2 5.5 12 5.5s7 2.2 9.5 6.5c-2.5 4.3-5.7 6.5-9.5 6.5S5 16.3 2.5 12Z" />
    <circle cx="12" cy="12" r="2.9" />
  </>,
);

/** The picture with its edges, and the same filling its place. */
export const WholeIcon = icon(
  "Whole",
  <>
    <rect x="4" y="3" width="16" height="18" rx="3" />
    <rect x="7.5" y="7.5" width="9" height="9" rx="1" />
  </>,
);
export const FillIcon = icon(
  "Fill",
  <>
    <rect x="4" y="3" width="16" height="18" rx="3" />
    <path d="M8 10V7h3M16 14v3h-3" />
  </>,
);
export const ZoomIcon = icon(
  "Zoom",
  <>
    <circle cx="10.5" cy="10.5" r="6.5" />
    <path d="m15.5 15.5 5 5M10.5 8v5M8 10.5h5" />
  </>,
);
export const DimIcon = icon("Dim", <path d="M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10" />);
