//! What the standards demand, over the product as a whole.
