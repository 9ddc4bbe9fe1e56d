"""Files of any format → sheets of text: the first rows to look at, then chosen columns."""
