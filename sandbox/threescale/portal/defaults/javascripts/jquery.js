// Kept for templates that name it: the default templates need no jQuery.
