-- The analytics view in ClickHouse: its table, its marker and what readers see of it.
--
-- The processor runs each statement of a version that the database has not had yet, in order, and
-- keeps the number in {database}.schema. To change the schema add a version; never edit one that
-- was released. Statements are idempotent: two members, or one that was cut off, may repeat them.
--
--   {database}  the database of this generation, `reviews_g1`
--   {views}     the database where this generation's views are: `reviews` while readers use it,
--               {database} before and afterwards
--
-- Everything here runs on ClickHouse 18.16 and on current ones.

-- version 1

-- A row per review. It is replaced by that of a greater version, whenever ClickHouse merges. No
-- partition key: a review whose month changes must not live twice. 0 and '' stand for absent.
CREATE TABLE IF NOT EXISTS {database}.rows
(
    reviewId String,
    version UInt64,
    status Enum8('published' = 1, 'withdrawn' = 2, 'erased' = 3, 'mark' = 4),
    productId String,
    locale String,
    tripType String,
    country String,
    submittedMs Int64,
    month UInt32,                      -- 202601, in UTC; 0 without a date
    overall UInt16,                    -- hundredths, 0 without one
    aspects Array(String),             -- names of ratings ...
    ratings Array(UInt16),             -- ... and their hundredths
    titleLength UInt32,                -- characters
    textLength UInt32,
    language String,
    polarity String,
    scored UInt8,
    score Int16,                       -- thousandths, where scored
    opinionAspects Array(String),      -- what the text speaks of ...
    opinionPolarities Array(String),   -- ... how ...
    opinionScores Array(Int16),        -- ... in thousandths
    tags Array(String),
    tagPolarities Array(String),
    moderated UInt8,                   -- whether the next one is known
    moderationMs Int64                 -- from submission to moderation
)
ENGINE = ReplacingMergeTree(version) ORDER BY reviewId
SETTINGS old_parts_lifetime = 60;

-- What the view says about itself.
CREATE TABLE IF NOT EXISTS {database}.marker
(
    writtenMs UInt64,
    format Int64,
    fingerprint String,
    partitions UInt32
)
ENGINE = ReplacingMergeTree(writtenMs) ORDER BY tuple();

CREATE TABLE IF NOT EXISTS {database}.ends
(
    partition UInt32,
    atEndMs UInt64
)
ENGINE = ReplacingMergeTree(atEndMs) ORDER BY partition;

-- Which generation these views are of.
CREATE VIEW IF NOT EXISTS {views}.active AS
SELECT '{generation}' AS generation;

-- Each published review as it is now.
CREATE VIEW IF NOT EXISTS {views}.reviews AS
SELECT
    reviewId, version, productId, locale, tripType, country, submittedMs, month, overall, aspects,
    ratings, titleLength, textLength, language, polarity, scored, score, opinionAspects,
    opinionPolarities, opinionScores, tags, tagPolarities, moderated, moderationMs
FROM {database}.rows FINAL
WHERE status = 'published';

-- Per product and month: reviews, and the average of every rated aspect; `overall` is one.
CREATE VIEW IF NOT EXISTS {views}.product_months AS
SELECT
    productId, month, count() AS reviews, countIf(overall > 0) AS ratings,
    sum(overall) AS sumHundredths,
    if(ratings = 0, 0, sumHundredths / ratings / 100) AS average
FROM {database}.rows FINAL
WHERE status = 'published'
GROUP BY productId, month;

CREATE VIEW IF NOT EXISTS {views}.product_month_aspects AS
SELECT
    productId, month, aspect, count() AS ratings, sum(hundredths) AS sumHundredths,
    sumHundredths / ratings / 100 AS average
FROM
(
    SELECT productId, month, aspect, hundredths
    FROM
    (
        SELECT productId, month, aspects, ratings AS values
        FROM {database}.rows FINAL
        WHERE status = 'published'
    )
    ARRAY JOIN aspects AS aspect, values AS hundredths
)
GROUP BY productId, month, aspect;

-- Per product, aspect and month how texts speak of it; the aspect '' is the whole review.
CREATE VIEW IF NOT EXISTS {views}.sentiment_trend AS
SELECT
    productId, aspect, month, count() AS opinions,
    countIf(opinion = 'positive') AS positive, countIf(opinion = 'negative') AS negative,
    countIf(opinion = 'neutral') AS neutral, countIf(opinion = 'mixed') AS mixed,
    sum(thousandths) AS sumThousandths,
    sumThousandths / opinions / 1000 AS score
FROM
(
    SELECT productId, month, aspect, opinion, thousandths
    FROM
    (
        SELECT
            productId, month,
            if(scored = 1, arrayPushFront(opinionAspects, ''), opinionAspects) AS a,
            if(scored = 1, arrayPushFront(opinionPolarities, polarity), opinionPolarities) AS p,
            if(scored = 1, arrayPushFront(opinionScores, score), opinionScores) AS s
        FROM {database}.rows FINAL
        WHERE status = 'published'
    )
    ARRAY JOIN a AS aspect, p AS opinion, s AS thousandths
)
GROUP BY productId, aspect, month;

-- By country and trip type how many reviews gave how many stars (1 to 5; halves go up).
CREATE VIEW IF NOT EXISTS {views}.rating_distribution AS
SELECT country, tripType, intDiv(overall + 50, 100) AS stars, count() AS reviews
FROM {database}.rows FINAL
WHERE status = 'published' AND overall > 0
GROUP BY country, tripType, stars;

-- How the average of `overall` changed: three months that end with `month` against the three
-- before. Ordered by `change`, one month of it shows who falls and who rises fastest.
CREATE VIEW IF NOT EXISTS {views}.product_changes AS
SELECT
    productId, month,
    sum(if(shift < 3, n, 0)) AS reviews, sum(if(shift < 3, hundredths, 0)) AS sumHundredths,
    sum(if(shift < 3, 0, n)) AS reviewsBefore,
    sum(if(shift < 3, 0, hundredths)) AS sumHundredthsBefore,
    sumHundredths / reviews / 100 AS average,
    sumHundredthsBefore / reviewsBefore / 100 AS averageBefore,
    average - averageBefore AS change
FROM
(
    SELECT
        productId, n, hundredths, shift,
        toUInt32(intDiv(at + shift, 12) * 100 + (at + shift) % 12 + 1) AS month
    FROM
    (
        SELECT
            productId, toUInt32(intDiv(month, 100) * 12 + month % 100 - 1) AS at,
            count() AS n, sum(overall) AS hundredths, arrayJoin([0, 1, 2, 3, 4, 5]) AS shift
        FROM {database}.rows FINAL
        WHERE status = 'published' AND overall > 0 AND month > 0
        GROUP BY productId, month
    )
)
GROUP BY productId, month
HAVING reviews > 0 AND reviewsBefore > 0;

-- How long reviews waited for moderation, by the month of submission, where events say it.
CREATE VIEW IF NOT EXISTS {views}.moderation_latency AS
SELECT
    month, count() AS reviews, sum(moderationMs) AS sumMs,
    quantileExact(0.5)(moderationMs) AS medianMs, quantileExact(0.95)(moderationMs) AS p95Ms,
    max(moderationMs) AS maxMs
FROM {database}.rows FINAL
WHERE status = 'published' AND moderated = 1
GROUP BY month;
