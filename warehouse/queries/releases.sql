-- releases: this release and those before it that were kept, newest first.
SELECT * FROM releases ORDER BY release DESC;
