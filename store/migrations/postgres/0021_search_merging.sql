-- Nothing to be done here: PostgreSQL gathers what is new in its indexes by itself. The number is kept, so that both
-- engines count alike.
SELECT 1;
