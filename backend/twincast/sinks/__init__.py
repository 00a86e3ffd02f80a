"""What takes the media: `Sink`, the delivery to sinks, and those that come with the package."""
