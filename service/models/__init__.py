"""One module per subject; all models are named here, where Django looks for them."""
