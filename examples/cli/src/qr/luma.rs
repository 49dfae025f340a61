//! Grey pictures and what is done to them before another attempt at reading.

/// A grey picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Luma {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Luma {
    /// A picture from its pixels, row by row; `None` when their number is not width times height.
    #[must_use]
    pub fn new(width: usize, height: usize, pixels: Vec<u8>) -> Option<Self> {
        (width.checked_mul(height) == Some(pixels.len())).then_some(Self { width, height, pixels })
    }

    /// Pixels in a row.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.height
    }

    /// The pixels, row by row.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The shorter side.
    pub(super) fn short_side(&self) -> usize {
        self.width.min(self.height)
    }

    /// Each square of `factor` pixels becomes their mean.
    pub(super) fn shrunk(&self, factor: usize) -> Self {
        let (width, height) = (self.width / factor, self.height / factor);
        let mut sums = vec![0u32; width];
        let mut pixels = Vec::with_capacity(width * height);
        let area = (factor * factor) as u32;
        for rows in self.pixels.chunks_exact((self.width * factor).max(1)).take(height) {
            sums.fill(0);
            for row in rows.chunks_exact(self.width) {
                for (sum, square) in sums.iter_mut().zip(row.chunks_exact(factor)) {
                    *sum += square.iter().map(|pixel| u32::from(*pixel)).sum::<u32>();
                }
            }
            pixels.extend(sums.iter().map(|sum| (sum / area) as u8));
        }
        Self {
            width,
            height: pixels.len().checked_div(width).unwrap_or(0),
            pixels,
        }
    }

    /// Every pixel becomes a square of four.
    pub(super) fn doubled(&self) -> Self {
        let mut pixels = Vec::with_capacity(self.pixels.len() * 4);
        for row in self.pixels.chunks_exact(self.width.max(1)) {
            let wide: Vec<u8> = row.iter().flat_map(|pixel| [*pixel, *pixel]).collect();
            pixels.extend_from_slice(&wide);
            pixels.extend_from_slice(&wide);
        }
        Self {
            width: self.width * 2,
            height: self.height * 2,
            pixels,
        }
    }

    /// Light becomes dark.
    pub(super) fn inverted(&self) -> Self {
        Self {
            width: self.width,
            height: self.height,
            pixels: self.pixels.iter().map(|pixel| !pixel).collect(),
        }
    }

    /// The mean of the square that reaches `radius` pixels to each side, from sums of columns and rows.
    pub(super) fn mean(&self, radius: usize) -> Self {
        let (width, height) = (self.width, self.height);
        let mut pixels = Vec::with_capacity(self.pixels.len());
        let mut columns = vec![0u32; width];
        let add = |columns: &mut [u32], y: usize, enter: bool| {
            if let Some(row) = self.pixels.get(y * width..(y + 1) * width) {
                for (column, pixel) in columns.iter_mut().zip(row) {
                    let pixel = u32::from(*pixel);
                    *column = if enter { *column + pixel } else { *column - pixel };
                }
            }
        };
        for y in 0..radius.min(height) {
            add(&mut columns, y, true);
        }
        for y in 0..height {
            if y + radius < height {
                add(&mut columns, y + radius, true);
            }
            if y > radius {
                add(&mut columns, y - radius - 1, false);
            }
            let rows = (y + radius + 1).min(height) - y.saturating_sub(radius);
            let mut sum: u64 = columns.iter().take(radius).map(|column| u64::from(*column)).sum();
            for x in 0..width {
                sum += columns.get(x + radius).map_or(0, |column| u64::from(*column));
                if x > radius {
                    sum -= columns.get(x - radius - 1).map_or(0, |column| u64::from(*column));
                }
                let count = (x + radius + 1).min(width) - x.saturating_sub(radius);
                pixels.push((sum / (rows * count) as u64) as u8);
            }
        }
        Self { width, height, pixels }
    }

    /// Black where a pixel is darker than its neighbourhood, white elsewhere: shadows and gradients
    /// vanish.
    pub(super) fn thresholded(&self, radius: usize) -> Self {
        /// How much darker; below it lies the noise of an even surface.
        const BIAS: i16 = 5;
        let mean = self.mean(radius);
        let pixels = self
            .pixels
            .iter()
            .zip(&mean.pixels)
            .map(|(pixel, mean)| {
                if i16::from(*pixel) < i16::from(*mean) - BIAS {
                    0
                } else {
                    255
                }
            })
            .collect();
        Self {
            width: self.width,
            height: self.height,
            pixels,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(width: usize, height: usize) -> Luma {
        let pixels = (0..width * height).map(|i| (i * 37 % 251) as u8).collect();
        Luma::new(width, height, pixels).unwrap()
    }

    #[test]
    fn the_mean_is_that_of_the_square_within_the_picture() {
        for (width, height) in [(1, 1), (7, 5), (5, 9), (20, 3)] {
            let luma = sample(width, height);
            for radius in [0usize, 1, 2, 6, 30] {
                let mean = luma.mean(radius);
                for y in 0..height {
                    for x in 0..width {
                        let mut sum = 0u32;
                        let mut count = 0;
                        for j in y.saturating_sub(radius)..(y + radius + 1).min(height) {
                            for i in x.saturating_sub(radius)..(x + radius + 1).min(width) {
                                sum += u32::from(luma.pixels[j * width + i]);
                                count += 1;
                            }
                        }
                        assert_eq!(u32::from(mean.pixels[y * width + x]), sum / count, "{x} {y} {radius}");
                    }
                }
            }
        }
    }

    #[test]
    fn sizes_change_as_said() {
        let luma = sample(7, 5);
        assert_eq!((luma.shrunk(2).width(), luma.shrunk(2).height()), (3, 2));
        assert_eq!(luma.shrunk(2).pixels.len(), 6);
        assert_eq!(luma.doubled().shrunk(2), luma);
        assert_eq!(luma.shrunk(8).pixels.len(), 0);
        assert_eq!(luma.inverted().inverted(), luma);
        assert!(Luma::new(3, 3, vec![0; 8]).is_none());
    }
}
