/** Where a phone opens this page, and that address as a QR code. */
export type PhoneAddress = {
  url: string;
  /** The dark modules, as the `d` of an SVG path; one unit is one module. */
  path: string;
  /** Modules on a side, the quiet zone included. */
  size: number;
};
