// Kept for templates that name it: everything is in 3scale.js.
