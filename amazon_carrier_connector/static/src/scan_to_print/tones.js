const SECONDS = 0.15;
const VOLUME = 0.2;
const GOOD_HERTZ = 880;
const BAD_HERTZ = 220;

let audio = null;

/** A short high tone for what went well, a low one for what did not. */
export function playTone(isGood) {
    const AudioContext = window.AudioContext;
    if (!AudioContext) {
        return;
    }
    audio = audio || new AudioContext();
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = isGood ? GOOD_HERTZ : BAD_HERTZ;
    volume.gain.value = VOLUME;
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + (isGood ? SECONDS : 2 * SECONDS));
}
