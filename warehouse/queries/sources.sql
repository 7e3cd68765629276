-- sources: one row per source: who publishes, under which licence, and what became of every statement.
SELECT * FROM sources ORDER BY kind DESC, authority, source;
