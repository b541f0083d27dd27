"""What is written for outside parties."""
