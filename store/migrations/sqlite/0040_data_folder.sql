-- Which folder on disk belongs to what is stored: the evidence, the signing key and the checkpoints lie there, and not here.
CREATE TABLE data_folder (
    organisation BIGINT NOT NULL PRIMARY KEY REFERENCES organisation (number),
    identifier TEXT NOT NULL,
    place TEXT NOT NULL,
    since BIGINT NOT NULL
);
