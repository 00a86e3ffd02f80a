/**
 * The phone's page. It is the one route of Next's pages router, because it is the one that is loaded over a phone's
 * network: the app router's runtime is 20 kB more before the button works (`npm run bench:size`).
 */
import type { GetServerSideProps } from "next";
import Head from "next/head";
import { readBackendSetting } from "twincast/server";
import { phoneAddress } from "@/app/phone-address";
import { StreamPage, type StreamPageProps } from "@/app/StreamPage";
import { DESCRIPTION, NAME, SOCIAL_CARD, THEME_COLORS } from "@/app/site";
import { readVisit } from "@/app/visit";

type Props = StreamPageProps;

/** Per request, so that the backend's address is a setting of the running server and not of the build. */
export const getServerSideProps: GetServerSideProps<Props> = async ({ req, res }) => {
  res.setHeader("Cache-Control", "private, no-cache, no-store, max-age=0, must-revalidate");
  const backendUrl = readBackendSetting("BACKEND_URL", process.env.BACKEND_URL);
  const visit = readVisit((name) => firstOf(req.headers[name]), backendUrl);
  return {
    props: {
      backendUrl,
      hasTokens: Boolean(process.env.BACKEND_SECRET),
      visit,
      phone: phoneAddress(visit, process.env.PHONE_URL),
    },
  };
};

const firstOf = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header);

export default function Page(props: Props) {
  const { pageOrigin } = props.visit;
  return (
    <>
      <Head>
        <title>{NAME}</title>
        <meta
          key="viewport"
          name="viewport"
          // The picture runs under the notch; the layout keeps clear of it with safe-area insets.
          content="width=device-width, initial-scale=1, viewport-fit=cover"
        />
        <meta name="description" content={DESCRIPTION} />
        <meta name="application-name" content={NAME} />
        <meta name="color-scheme" content="light dark" />
        {THEME_COLORS.map(({ media, color }) => (
          <meta key={media} name="theme-color" media={media} content={color} />
        ))}
        <link rel="manifest" href="/manifest.webmanifest" />
        <link rel="icon" href="/icons/favicon.svg" type="image/svg+xml" />
        <link rel="icon" href="/icons/favicon-32.png" sizes="32x32" />
        <link rel="apple-touch-icon" href="/icons/apple-touch-icon.png" />
        <meta name="mobile-web-app-capable" content="yes" />
        <meta name="apple-mobile-web-app-title" content={NAME} />
        <meta property="og:title" content={NAME} />
        <meta property="og:description" content={DESCRIPTION} />
        {/* Addresses in link previews have to be whole, and only a request knows by which host it came. */}
        <meta property="og:image" content={`${pageOrigin}${SOCIAL_CARD.path}`} />
        <meta property="og:image:width" content={String(SOCIAL_CARD.width)} />
        <meta property="og:image:height" content={String(SOCIAL_CARD.height)} />
        <meta name="twitter:card" content="summary_large_image" />
        <meta name="twitter:image" content={`${pageOrigin}${SOCIAL_CARD.path}`} />
      </Head>
      <StreamPage {...props} />
    </>
  );
}
