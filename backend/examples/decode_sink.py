"""What a phone sees and hears, as arrays."""

from twincast.decode import DecodeSink, Picture, Sound


class Look(DecodeSink):
    """Prints the size of each picture, and how loud each piece of sound is."""

    def picture(self, picture: Picture) -> None:
        """`rgb()`: (height, width, 3), each from 0 to 255."""
        print(self.stream.short, picture.captured_at_ms, "picture", picture.rgb().shape)

    def sound(self, sound: Sound) -> None:
        """`pcm`: (channels, samples), each from -1 to 1."""
        print(self.stream.short, sound.captured_at_ms, "loudness", abs(sound.pcm).max())
