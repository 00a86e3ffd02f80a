/*
 * autovideoflip for GStreamer older than 1.24.
 *
 * WebKitGTK's MediaRecorder puts an "autovideoflip" in front of its video encoder, and records nothing at all where
 * GStreamer has no element of that name (until https://github.com/WebKit/WebKit/pull/58924). Debian 12 has GStreamer
 * 1.22 without it. This element is a bin with that name around a "videoflip", which does the same work.
 */
#include <gst/gst.h>

#define PACKAGE "twincast"

typedef struct {
  GstBin bin;
  GstElement *videoflip;
} AutoVideoFlip;

typedef struct {
  GstBinClass bin_class;
} AutoVideoFlipClass;

/* A type of its own: under videoflip's type the registry scanner would not find it, since it loads this file alone. */
G_DEFINE_TYPE(AutoVideoFlip, auto_video_flip, GST_TYPE_BIN)

enum { PROPERTY_VIDEO_DIRECTION = 1 };

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/* WebKit writes the direction by its name ("identity", "90r", "auto" ...), so it is a string here. */
static void set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec) {
  AutoVideoFlip *self = (AutoVideoFlip *)object;
  if (id == PROPERTY_VIDEO_DIRECTION && self->videoflip)
    gst_util_set_object_arg(G_OBJECT(self->videoflip), "video-direction", g_value_get_string(value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void auto_video_flip_class_init(AutoVideoFlipClass *class) {
  GstElementClass *element_class = GST_ELEMENT_CLASS(class);
  G_OBJECT_CLASS(class)->set_property = set_property;
  g_object_class_install_property(
      G_OBJECT_CLASS(class), PROPERTY_VIDEO_DIRECTION,
      g_param_spec_string("video-direction", "Video direction", "How to turn the picture", "identity",
                          G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(element_class, "Automatic video flip", "Filter/Effect/Video",
                                        "videoflip under the name that WebKitGTK looks for", "Twincast");
}

/* Makes a pad of the inner element a pad of the bin. */
static void expose(AutoVideoFlip *self, const char *name) {
  GstPad *inner = gst_element_get_static_pad(self->videoflip, name);
  gst_element_add_pad(GST_ELEMENT(self), gst_ghost_pad_new(name, inner));
  gst_object_unref(inner);
}

static void auto_video_flip_init(AutoVideoFlip *self) {
  self->videoflip = gst_element_factory_make("videoflip", NULL);
  /* Without gstreamer1.0-plugins-good the bin has no pads, and linking it fails where WebKit can report it. */
  if (!self->videoflip)
    return;
  gst_bin_add(GST_BIN(self), self->videoflip);
  expose(self, "sink");
  expose(self, "src");
}

static gboolean plugin_init(GstPlugin *plugin) {
  return gst_element_register(plugin, "autovideoflip", GST_RANK_NONE, auto_video_flip_get_type());
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, autovideoflip, "autovideoflip for old GStreamer", plugin_init,
                  "1.0", "MIT/X11", PACKAGE, "https://github.com/WebKit/WebKit/pull/58924")
