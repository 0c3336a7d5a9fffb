#include "hdf5.hpp"

using namespace gt;
using namespace gt::h5;

namespace {

/// What of a dataset lies in other files; empty for nothing.
std::string outside(hid_t dataset, const std::string& name) {
    const Handle properties(H5Dget_create_plist(dataset), H5Pclose, name);
    if (H5Pget_external_count(properties) > 0) return name + ": its numbers are stored in another file";
    if (H5Pget_layout(properties) == H5D_VIRTUAL) return name + ": a virtual dataset, whose numbers are in other files";
    return "";
}

herr_t visit(hid_t group, const char* name, const H5L_info_t* link, void* data) {
    auto& found = *static_cast<std::string*>(data);
    try {
        const std::string path = std::string("/") + name;
        if (link->type == H5L_TYPE_EXTERNAL) {
            found = path + ": a link into another file";
        } else if (link->type == H5L_TYPE_HARD) {
            const Handle object(H5Oopen(group, name, H5P_DEFAULT), H5Oclose, path);
            if (H5Iget_type(object) == H5I_DATASET) found = outside(object, path);
        }
        return found.empty() ? 0 : 1;
    } catch (const std::exception& error) {
        found = error.what();
        return -1;
    }
}

}  // namespace

gt_status gt_hdf5_outside(const char* path, char** out) {
    return hdf5([&] {
        require(path != nullptr && out != nullptr, "an argument is null");
        *out = nullptr;
        const hid_t id = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
        if (id < 0) throw Failure(GT_IO, std::string("cannot be opened as HDF5: ") + reason());
        const Handle file(id, H5Fclose, path);
        std::string found;
        if (H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, visit, &found) < 0)
            throw Failure(GT_IO, found.empty() ? "its links cannot be read: " + reason() : found);
        *out = copied(found);
    });
}
