"""The console's pages, one file each: questions asked, and the template that shows the answers."""
