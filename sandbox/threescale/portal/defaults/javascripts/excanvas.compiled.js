/* Kept for templates that name it: every browser draws on a canvas by itself. */
