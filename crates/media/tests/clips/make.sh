#!/bin/sh
# Makes the clips beside this file, with ffmpeg 5.1 (libx264, libx265, the native AAC encoder).
# The left half of frame N has luma 16 + 7 N; the right half is a moving wave. Sound: bursts of
# 50 ms of a 1 kHz tone at every half second, left channel only in stereo files.
set -e
cd "$(dirname "$0")"
frames() { # size, rate, number
    echo "nullsrc=s=$1:r=$2:d=10,geq=lum='if(lt(X,W/2),16+7*N,128+80*sin((X+3*N)/5))':cb=128:cr=128,format=yuv420p,trim=end_frame=$3"
}
tone() { # expression prefix for the channels, rate, seconds
    echo "aevalsrc=$1:s=$2:d=$3"
}
burst="if(lt(mod(t\,0.5)\,0.05)\,0.8*sin(2*PI*1000*t)\,0)"
run() { ffmpeg -v error -y -fflags +bitexact "$@"; }
x264="-c:v libx264 -threads 1 -crf 22 -flags:v +bitexact"
aac="-c:a aac -b:a 48k -flags:a +bitexact"

# B-frames in a pyramid, several key pictures, a size that no block size divides, stereo 44.1 kHz.
run -f lavfi -i "$(frames 66x50 25 30)" -f lavfi -i "$(tone "$burst|0" 44100 1.2)" \
    $x264 -bf 3 -b_strategy 0 -g 12 -keyint_min 12 -sc_threshold 0 $aac bframes.mp4
# Variable frame rate: frame N is shown at N^2 / 100 seconds.
run -f lavfi -i "$(frames 64x48 25 12),settb=1/1000,setpts=N*N*10" -fps_mode passthrough \
    -enc_time_base 1/1000 $x264 -bf 2 -g 6 vfr.mp4
# Fragmented, one fragment a key picture, fragments begin at 5 seconds.
run -f lavfi -i "$(frames 64x48 25 20)" -f lavfi -i "$(tone "$burst" 16000 0.8)" $x264 -bf 2 -g 5 $aac \
    -output_ts_offset 5 -movflags frag_keyframe+empty_moov+default_base_moof fragmented.mp4
# Cut without re-encoding: the edit list begins in the middle of a group of pictures.
run -f lavfi -i "$(frames 64x48 25 30)" -f lavfi -i "$(tone "$burst" 48000 1.2)" \
    $x264 -bf 2 -g 10 -keyint_min 10 -sc_threshold 0 $aac uncut.mp4
run -ss 0.56 -i uncut.mp4 -c copy edited.mp4
rm uncut.mp4
# Sound that begins 0.25 seconds after the pictures.
run -f lavfi -i "$(frames 64x48 10 10)" -itsoffset 0.25 -f lavfi -i "$(tone "$burst" 16000 0.75)" \
    $x264 -bf 0 $aac late_sound.mp4
# Recorded upright by a turned camera: shown 48 wide, 64 high.
run -f lavfi -i "$(frames 64x48 10 3)" $x264 turning.mp4
run -i turning.mp4 -c copy -metadata:s:v:0 rotate=90 turned.mp4
rm turning.mp4
# BT.709, full range, with several slices a picture and Baseline profile.
run -f lavfi -i "$(frames 64x48 10 4)" $x264 -profile:v baseline -slices 3 -pix_fmt yuvj420p \
    -vf "scale=out_range=full" -colorspace bt709 -color_range pc full_range.mp4
# What is not built in.
run -f lavfi -i "$(frames 64x48 10 2)" -c:v libx265 -x265-params log-level=none:info=0:pools=1 -tag:v hvc1 hevc.mp4
run -f lavfi -i "$(frames 64x48 10 2)" $x264 -pix_fmt yuv420p10le ten_bits.mp4
run -f lavfi -i "$(frames 64x48 10 2)" $x264 -flags +ildct+ilme interlaced.mp4
run -f lavfi -i "$(tone "$burst" 16000 0.5)" -c:a libmp3lame -b:a 32k -f mp4 mp3_in_mp4.mp4
# Sound files.
run -f lavfi -i "$(tone "$burst|0" 22050 0.6)" -c:a libmp3lame -b:a 48k -id3v2_version 0 burst.mp3
run -f lavfi -i "$(tone "$burst|0" 16000 0.6)" -c:a flac burst.flac
run -f lavfi -i "$(tone "$burst|0" 16000 0.6)" -c:a libvorbis -b:a 48k burst.ogg
run -f lavfi -i "$(tone "$burst|0" 16000 0.6)" -c:a aac -b:a 32k burst.aac
run -f lavfi -i "$(tone "$burst" 8000 0.6)" -c:a pcm_mulaw burst_mulaw.wav
# Red above blue.
run -f lavfi -i color=red:s=32x16:d=1 -f lavfi -i color=blue:s=32x16:d=1 -filter_complex vstack -frames:v 1 -q:v 2 \
    -update 1 halves.jpg
