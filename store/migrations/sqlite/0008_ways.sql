-- How far an entry reaches beyond its own value, and what selectors share that may be one and the same: a hunt finds by
-- it, without a scan, what a crawl would have found. Whether a sighting is only possible, since a possible one must not
-- make a certain one old news.
ALTER TABLE entry ADD COLUMN way TEXT NOT NULL DEFAULT 'exact';
ALTER TABLE entry ADD COLUMN despite_warning TEXT;
UPDATE entry SET way = CASE kind
    WHEN 'phone' THEN 'trailing'
    WHEN 'email' THEN 'mailbox'
    WHEN 'handle' THEN 'platform'
    WHEN 'domain' THEN 'subdomains'
    ELSE 'exact' END;

ALTER TABLE sighting ADD COLUMN possible BIGINT NOT NULL DEFAULT 0;
UPDATE sighting SET possible = 1 WHERE explanation LIKE '%"confidence":"inferred"%';

ALTER TABLE selector ADD COLUMN kin TEXT;
UPDATE selector SET kin = substr(value, -8) WHERE kind = 'phone' AND length(value) > 8;
UPDATE selector SET kin = substr(value, instr(value, '/') + 1) WHERE kind = 'handle' AND instr(value, '/') > 0;
UPDATE selector SET kin = substr(value, instr(value, '://') + 3) WHERE kind = 'url' AND instr(value, '://') > 0;
UPDATE selector SET kin = substr(kin, 1, instr(kin || '#', '#') - 1) WHERE kind = 'url';
UPDATE selector SET kin = substr(kin, 1, instr(kin || '?', '?') - 1) WHERE kind = 'url';
UPDATE selector SET kin = substr(kin, 1, instr(kin || '/', '/') - 1) WHERE kind = 'url';
UPDATE selector SET kin = substr(value, 1, instr(value, '@') - 1) WHERE kind = 'email'
    AND substr(value, instr(value, '@') + 1) IN ('gmail.com', 'googlemail.com', 'outlook.com', 'hotmail.com', 'live.com',
        'proton.me', 'protonmail.com', 'protonmail.ch', 'pm.me', 'fastmail.com', 'fastmail.fm', 'yandex.ru', 'yandex.com',
        'ya.ru', 'yandex.by', 'yandex.kz');
UPDATE selector SET kin = substr(kin, 1, instr(kin || '+', '+') - 1) WHERE kind = 'email' AND kin IS NOT NULL;
UPDATE selector SET kin = replace(kin, '.', '') WHERE kind = 'email'
    AND (value LIKE '%@gmail.com' OR value LIKE '%@googlemail.com');
UPDATE selector SET kin = CASE
    WHEN kin = '' THEN NULL
    WHEN value LIKE '%@googlemail.com' THEN kin || '@gmail.com'
    WHEN value LIKE '%@protonmail.__' OR value LIKE '%@protonmail.com' OR value LIKE '%@pm.me' THEN kin || '@proton.me'
    WHEN value LIKE '%@yandex.%' OR value LIKE '%@ya.ru' THEN kin || '@yandex.ru'
    ELSE kin || substr(value, instr(value, '@')) END
    WHERE kind = 'email' AND kin IS NOT NULL;
CREATE INDEX selector_kin ON selector (organisation, kind, kin) WHERE kin IS NOT NULL;
