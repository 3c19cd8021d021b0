"""Names that Adafruit's packages use in annotations."""

ReadableBuffer = WriteableBuffer = object
