//! Coded pictures and sound into an MP4 file (ISO/IEC 14496-12, 14496-14 and 14496-15).
//!
//! The library lays out the sample tables; we put the index first, so that players start at once,
//! state the colour coding, and write the edit list without which the encoder's priming would
//! delay the sound.

use std::num::{NonZeroU16, NonZeroU32};

use shiguredo_mp4::boxes::{
    AudioSampleEntryFields, Avc1Box, AvccBox, Brand, EdtsBox, ElstBox, ElstEntry, EsdsBox, FtypBox,
    MoovBox, Mp4aBox, SampleEntry, UnknownBox, VisualSampleEntryFields,
};
use shiguredo_mp4::descriptors::{
    DecoderConfigDescriptor, DecoderSpecificInfo, EsDescriptor, SlConfigDescriptor,
};
use shiguredo_mp4::mux::{Mp4FileMuxer, Sample};
use shiguredo_mp4::{BoxSize, BoxType, Either, Encode, FixedPointNumber, TrackKind, Uint};

use crate::aac_encoder::{CodedSound, FRAME_SAMPLES};
use crate::h264_encoder::CodedVideo;
use crate::{Clip, MediaError, Picture, aac_encoder, h264_encoder};

/// Ticks from one picture to the next; the timescale is the frame rate in thousandths.
const TICKS_A_PICTURE: u32 = 1000;
/// Seconds of one track before the other's turn.
const INTERLEAVING: f64 = 0.5;
/// Bytes of size and type before the media.
const MEDIA_HEADER: usize = 8;
/// `sRGB` primaries and transfer, BT.601 matrix (ITU-T H.273), 16..=235.
const COLOUR: [u8; 11] = *b"nclx\0\x01\0\x0d\0\x06\0";

/// Writes an MP4: H.264 (Main profile, constant quality, 4:2:0) and, where the clip has sound,
/// AAC-LC that starts with the first picture. A picture of odd width or height grows by repeating
/// its last column or row. The same clip gives the same bytes everywhere.
///
/// # Errors
///
/// [`MediaError::Encode`] when a side exceeds 16,384 pixels or the file 4 GiB.
pub fn encode_mp4(clip: &Clip) -> Result<Vec<u8>, MediaError> {
    let video = h264_encoder::encode(clip)?;
    let sound = clip.sound().filter(|sound| !sound.samples().is_empty());
    let sound = sound.map(aac_encoder::encode).transpose()?;
    write(&video, clip.frame_rate(), sound.as_ref())
}

/// As [`encode_mp4`], for a picture that is shown `count` times, without sound.
pub(crate) fn encode_still(
    picture: &Picture,
    count: usize,
    frame_rate: f64,
) -> Result<Vec<u8>, MediaError> {
    write(&h264_encoder::encode_still(picture, count, frame_rate)?, frame_rate, None)
}

fn failed(error: impl ToString) -> MediaError {
    MediaError::encode("MP4", error)
}

/// A coded sample on its way into the file.
struct Piece<'a> {
    bytes: &'a [u8],
    seconds: f64,
    sample: Sample,
}

fn write(
    video: &CodedVideo,
    frame_rate: f64,
    sound: Option<&CodedSound>,
) -> Result<Vec<u8>, MediaError> {
    let mut pieces = video_pieces(video, frame_rate)?;
    if let Some(sound) = sound {
        pieces.extend(sound_pieces(sound)?);
    }
    // Turn and turn about; the sort is stable, so within a turn pictures stay before sound.
    pieces.sort_by_key(|piece| (piece.seconds / INTERLEAVING) as u64);

    let mut muxer = Mp4FileMuxer::new().map_err(failed)?;
    let media_start = muxer.initial_boxes_bytes().len();
    let mut media = Vec::new();
    for mut piece in pieces {
        piece.sample.data_offset = (media_start + media.len()) as u64;
        muxer.append_sample(&piece.sample).map_err(failed)?;
        media.extend_from_slice(piece.bytes);
    }
    let mut index = muxer.finalize().map_err(failed)?.moov_box().clone();
    if let Some(sound) = sound {
        skip_priming(&mut index, sound, sound_timescale(sound)?);
    }
    assemble(index, media_start, &media)
}

/// The file type, the index and the media, with the index's offsets moved to where the media are.
fn assemble(
    mut index: MoovBox,
    muxer_media_start: usize,
    media: &[u8],
) -> Result<Vec<u8>, MediaError> {
    let file_type = FtypBox {
        major_brand: Brand::ISOM,
        minor_version: 512,
        compatible_brands: vec![Brand::ISOM, Brand::ISO2, Brand::AVC1, Brand::MP41],
    };
    let mut file = file_type.encode_to_vec().map_err(failed)?;
    let index_bytes = index.encode_to_vec().map_err(failed)?.len();
    let media_start = file.len() + index_bytes + MEDIA_HEADER;
    let media_box = u32::try_from(MEDIA_HEADER + media.len()).map_err(failed)?;
    u32::try_from(media_start + media.len()).map_err(failed)?;
    for track in &mut index.trak_boxes {
        if let Either::A(offsets) = &mut track.mdia_box.minf_box.stbl_box.stco_or_co64_box {
            for offset in &mut offsets.chunk_offsets {
                *offset = *offset - muxer_media_start as u32 + media_start as u32;
            }
        }
    }
    file.extend(index.encode_to_vec().map_err(failed)?);
    file.extend_from_slice(&media_box.to_be_bytes());
    file.extend_from_slice(b"mdat");
    file.extend_from_slice(media);
    Ok(file)
}

/// Lets the sound begin after the encoder's priming and end with its last true sample. The movie's
/// clock becomes the sound's, so that the edit list can state the length exactly.
fn skip_priming(index: &mut MoovBox, sound: &CodedSound, timescale: NonZeroU32) {
    let convert = |ticks: u64| {
        let ticks = u128::from(ticks) * u128::from(timescale.get());
        ticks.div_ceil(u128::from(index.mvhd_box.timescale.get())) as u64
    };
    // The muxer numbers tracks in order of their first sample: pictures, then sound.
    if let [pictures, sounds] = &mut index.trak_boxes[..] {
        pictures.tkhd_box.duration = convert(pictures.tkhd_box.duration);
        sounds.tkhd_box.duration = sound.samples;
        sounds.edts_box = Some(EdtsBox {
            elst_box: Some(ElstBox {
                entries: vec![ElstEntry {
                    edit_duration: sound.samples,
                    media_time: sound.priming as i64,
                    media_rate: FixedPointNumber::new(1, 0),
                }],
            }),
            unknown_boxes: Vec::new(),
        });
        index.mvhd_box.duration = pictures.tkhd_box.duration.max(sound.samples);
        index.mvhd_box.timescale = timescale;
    }
}

fn video_pieces(video: &CodedVideo, frame_rate: f64) -> Result<Vec<Piece<'_>>, MediaError> {
    let timescale = NonZeroU32::new((frame_rate * f64::from(TICKS_A_PICTURE)).round() as u32)
        .ok_or_else(|| failed("a frame rate of 0"))?;
    let [_, profile, compatibility, level, ..] = video.sequence_parameters[..] else {
        return Err(failed("sequence parameters of less than four bytes"));
    };
    let entry = SampleEntry::Avc1(Avc1Box {
        visual: VisualSampleEntryFields {
            data_reference_index: VisualSampleEntryFields::DEFAULT_DATA_REFERENCE_INDEX,
            width: video.width,
            height: video.height,
            horizresolution: VisualSampleEntryFields::DEFAULT_HORIZRESOLUTION,
            vertresolution: VisualSampleEntryFields::DEFAULT_VERTRESOLUTION,
            frame_count: VisualSampleEntryFields::DEFAULT_FRAME_COUNT,
            compressorname: VisualSampleEntryFields::NULL_COMPRESSORNAME,
            depth: VisualSampleEntryFields::DEFAULT_DEPTH,
        },
        avcc_box: AvccBox {
            avc_profile_indication: profile,
            profile_compatibility: compatibility,
            avc_level_indication: level,
            length_size_minus_one: Uint::new(3),
            sps_list: vec![video.sequence_parameters.clone()],
            pps_list: vec![video.picture_parameters.clone()],
            chroma_format: None,
            bit_depth_luma_minus8: None,
            bit_depth_chroma_minus8: None,
            sps_ext_list: Vec::new(),
        },
        unknown_boxes: vec![UnknownBox {
            box_type: BoxType::Normal(*b"colr"),
            box_size: BoxSize::U32(8 + COLOUR.len() as u32),
            payload: COLOUR.to_vec(),
        }],
    });
    Ok(video
        .frames
        .iter()
        .enumerate()
        .map(|(at, frame)| Piece {
            bytes: &frame.bytes,
            seconds: at as f64 / frame_rate,
            sample: Sample {
                track_kind: TrackKind::Video,
                sample_entry: (at == 0).then(|| entry.clone()),
                keyframe: frame.key,
                timescale,
                duration: TICKS_A_PICTURE,
                composition_time_offset: None,
                data_offset: 0,
                data_size: frame.bytes.len(),
            },
        })
        .collect())
}

fn sound_timescale(sound: &CodedSound) -> Result<NonZeroU32, MediaError> {
    NonZeroU32::new(sound.sample_rate).ok_or_else(|| failed("a sample rate of 0"))
}

fn sound_pieces(sound: &CodedSound) -> Result<Vec<Piece<'_>>, MediaError> {
    let timescale = sound_timescale(sound)?;
    let entry = SampleEntry::Mp4a(Mp4aBox {
        audio: AudioSampleEntryFields {
            data_reference_index: AudioSampleEntryFields::DEFAULT_DATA_REFERENCE_INDEX,
            channelcount: 1,
            samplesize: AudioSampleEntryFields::DEFAULT_SAMPLESIZE,
            samplerate: FixedPointNumber::new(sound.sample_rate as u16, 0),
        },
        esds_box: EsdsBox {
            es: EsDescriptor {
                es_id: NonZeroU16::MIN.get(),
                stream_priority: EsDescriptor::LOWEST_STREAM_PRIORITY,
                depends_on_es_id: None,
                url_string: None,
                ocr_es_id: None,
                dec_config_descr: DecoderConfigDescriptor {
                    object_type_indication:
                        DecoderConfigDescriptor::OBJECT_TYPE_INDICATION_AUDIO_ISO_IEC_14496_3,
                    stream_type: DecoderConfigDescriptor::STREAM_TYPE_AUDIO,
                    up_stream: DecoderConfigDescriptor::UP_STREAM_FALSE,
                    buffer_size_db: Uint::new(0),
                    max_bitrate: sound.bit_rate,
                    avg_bitrate: sound.bit_rate,
                    dec_specific_info: Some(DecoderSpecificInfo {
                        payload: sound.configuration.clone(),
                    }),
                },
                sl_config_descr: SlConfigDescriptor,
            },
        },
        unknown_boxes: Vec::new(),
    });
    let frame_seconds = f64::from(FRAME_SAMPLES) / f64::from(sound.sample_rate);
    Ok(sound
        .units
        .iter()
        .enumerate()
        .map(|(at, unit)| Piece {
            bytes: unit,
            seconds: at as f64 * frame_seconds,
            sample: Sample {
                track_kind: TrackKind::Audio,
                sample_entry: (at == 0).then(|| entry.clone()),
                keyframe: true,
                timescale,
                duration: FRAME_SAMPLES,
                composition_time_offset: None,
                data_offset: 0,
                data_size: unit.len(),
            },
        })
        .collect())
}
