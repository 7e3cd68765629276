-- best_observations: one published value per indicator, area and year, totals only (no subgroup, no exchange rates): the value of the source with most authority, and how many sources publish one.
-- @column indicator  Indicator id (indicators).
-- @column area  ISO 3166-1 alpha-3 or area id.
-- @column year  Year of the value.
-- @column period_start  First day of its period, where one is published.
-- @column period_end  Last day.
-- @column value  The value; null when none was published.
-- @column low  Lower bound as published.
-- @column high  Upper bound as published.
-- @column value_text  What was written where it is not a plain number.
-- @column unit  Unit.
-- @column status  reported, imputed, or a word for absence.
-- @column source  Source id.
-- @column n_sources  Sources that publish a value for this indicator, area and year.
-- @column sources  Those sources, blank-separated.
-- @column latest  Whether it is the newest year with a value for this indicator and area.
-- @column document_sha256  Document it stands in.
-- @column locator  Place in the document.
-- @column url  Address to cite.
-- @column note  What a reader must know.
-- @column origin  live, given, bundled.
CREATE TABLE best_observations AS
WITH totals AS (
    SELECT o.*, coalesce(s.authority, 99) AS authority
    FROM observations o
    LEFT JOIN sources s ON s.source = o.source
    WHERE coalesce(o.subgroup, '') = '' AND o.indicator NOT LIKE 'fx\_%' ESCAPE '\'
), ranked AS (
    SELECT *,
           row_number() OVER (PARTITION BY indicator, area, year
               ORDER BY value IS NULL, authority, source, document_sha256, locator, value, low, high, value_text, note, url) AS place,
           list(CASE WHEN value IS NOT NULL THEN source END) OVER (PARTITION BY indicator, area, year) AS publishers,
           max(CASE WHEN value IS NOT NULL THEN year END) OVER (PARTITION BY indicator, area) AS newest
    FROM totals
)
SELECT indicator, area, year, period_start, period_end, value, low, high, value_text, unit, status, source,
       len(list_distinct(list_filter(publishers, x -> x IS NOT NULL))) AS n_sources,
       words(publishers) AS sources,
       value IS NOT NULL AND year IS NOT DISTINCT FROM newest AS latest,
       document_sha256, locator, url, note, origin
FROM ranked
WHERE place = 1;
