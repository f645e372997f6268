// Photos are made small in the worker before they are stored: upright, without what the camera wrote about the place.

/** A picture drawn into `max` pixels at most, as JPEG; always drawn anew, so that its metadata stay behind. */
async function drawn(bitmap, max, quality) {
  const scale = Math.min(1, max / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale)), height = Math.max(1, Math.round(bitmap.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // JPEG has no transparency
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
  return { bytes: new Uint8Array(await blob.arrayBuffer()), width, height };
}

/**
 * `bytes` (Uint8Array) of a picture: {bytes, width, height, thumb: Uint8Array}, or {error} when this browser cannot read
 * it. The longer side has `max` pixels at most, of the thumbnail `thumbMax`.
 */
export async function shrinkPicture(bytes, mime, max, thumbMax) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes], { type: mime }), { imageOrientation: "from-image" });
  } catch (error) {
    return { error: String(error) };
  }
  try {
    const whole = await drawn(bitmap, max, 0.82);
    return { ...whole, thumb: (await drawn(bitmap, thumbMax, 0.75)).bytes };
  } finally {
    bitmap.close();
  }
}
