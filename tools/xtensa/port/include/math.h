// Included by sources that use nothing of it here.
